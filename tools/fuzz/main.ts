import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { type Finding, inputAt } from './fuzz.ts'
import { type TargetName, targets } from './targets/index.ts'
import type { Work } from './worker.ts'

const names = Object.keys(targets) as TargetName[]
const usage = `usage: npm run --silent fuzz -- --target ${names.join('|')} [--inputs N] [--seed N] [--bound MS]

Runs a parser on N inputs that follow from the seed: pieces of what the format is made of, put together wrongly. Prints one JSON line. The exit
code is 1 when an input made it throw, took longer than the bound (milliseconds, 100), or never came back; the smallest such input is shown.`

/** A run that has not got on for so long hangs. */
const hangMs = 10_000
const checkMs = 500

interface Settings {
  readonly target: TargetName
  readonly inputs: number
  readonly seed: number
  readonly boundMs: number
}

/** In a thread of its own, so that one that never comes back can be seen and ended. */
function run({ target, inputs, seed, boundMs }: Settings): Promise<Finding | undefined> {
  const progress = new SharedArrayBuffer(8)
  const at = new BigInt64Array(progress)
  const work: Work = { target, seed, from: 0, count: inputs, boundMs, progress }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: work })
  return new Promise((resolve, reject) => {
    let last = -1n
    let since = performance.now()
    const timer = setInterval(() => {
      if (at[0] !== last) {
        last = at[0]!
        since = performance.now()
      } else if (performance.now() - since > hangMs) {
        const index = Number(last)
        const message = `it did not come back within ${hangMs} ms`
        void worker.terminate()
        settle(() => resolve({ kind: 'hang', index, message, input: inputAt(targets[target], seed, index) }))
      }
    }, checkMs)
    const settle = (then: () => void) => {
      clearInterval(timer)
      then()
    }
    worker.once('message', (found?: Omit<Finding, 'input'> & { readonly input: string }) =>
      settle(() => resolve(found && { ...found, input: Buffer.from(found.input, 'base64') })),
    )
    worker.once('error', (error) => settle(() => reject(error)))
  })
}

function settings(args: readonly string[]): Settings | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      target: { type: 'string', default: '' },
      inputs: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      bound: { type: 'string', default: '100' },
    },
  })
  const [inputs, seed, boundMs] = [values.inputs, values.seed, values.bound].map(Number) as [number, number, number]
  const target = names.find((name) => name === values.target)
  const whole = [inputs, seed, boundMs].every((n) => Number.isSafeInteger(n) && n >= 0)
  return target && whole && inputs > 0 && boundMs > 0 ? { target, inputs, seed, boundMs } : undefined
}

let given: Settings | undefined
try {
  given = settings(process.argv.slice(2))
} catch {
  // Told below.
}
if (given === undefined) {
  console.error(usage)
  process.exit(2)
}
const start = performance.now()
const cpu = process.cpuUsage()
const finding = await run(given)
const { user, system } = process.cpuUsage(cpu)
const seconds = (performance.now() - start) / 1_000
const summary = {
  fuzz: given.target,
  inputs: finding === undefined ? given.inputs : finding.index + 1,
  seed: given.seed,
  boundMs: given.boundMs,
  seconds: Number(seconds.toFixed(1)),
  cpuSeconds: Number(((user + system) / 1e6).toFixed(1)),
  finding: finding && { ...finding, input: finding.input.toString('base64'), text: finding.input.toString('latin1') },
}
console.log(JSON.stringify({ ...summary, finding: summary.finding ?? null }))
process.exit(finding === undefined ? 0 : 1)
