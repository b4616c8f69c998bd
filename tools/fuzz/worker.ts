import { parentPort, workerData } from 'node:worker_threads'
import { fuzz } from './fuzz.ts'
import { type TargetName, targets } from './targets/index.ts'

/** What main gives its worker. `progress`: the index of the input that is run now. */
export interface Work {
  readonly target: TargetName
  readonly seed: number
  readonly from: number
  readonly count: number
  readonly boundMs: number
  readonly progress: SharedArrayBuffer
}

const { target, progress, ...batch } = workerData as Work
const at = new BigInt64Array(progress)
const finding = fuzz(targets[target], {
  ...batch,
  begins: (index) => {
    at[0] = BigInt(index)
  },
})
parentPort!.postMessage(finding && { ...finding, input: finding.input.toString('base64') })
