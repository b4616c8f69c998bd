import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { pythonWith, run, withoutTelemetry } from '../../python/environment.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Where the product carries its models: `<name>/<version>/model.onnx` and `model.json`. */
export const carried = here('../../../services/ngfw/ml-inference/models')

const usage = `usage: npm run --silent inference:train -- [--out DIR] [--flows FILE.csv.gz]

Trains the flow classifier (gradient boosting over features of network flows) and exports it to ONNX: both versions that the product carries,
each as DIR/flow-classifier/VERSION/model.onnx with model.json beside it: checksum, shapes, features, versions of packages, metrics over held-out
flows, predictions to hold a runtime to (docs/inference-model.md). The same data gives the same bytes.

--out    default: ${carried.split('/').slice(-4).join('/')}
--flows  columns as in the carried sample, which is the default`

/** The two versions of the flow classifier: the second has twice the trees. */
const versions = [
  { version: 1, trees: 40 },
  { version: 2, trees: 80 },
] as const

export interface Metadata {
  readonly name: string
  readonly version: string
  /** Of `model.onnx`. */
  readonly sha256: string
  readonly bytes: number
  readonly inputs: readonly { readonly name: string; readonly datatype: string; readonly shape: readonly number[] }[]
  readonly outputs: readonly { readonly name: string; readonly datatype: string; readonly shape: readonly number[] }[]
  readonly features: readonly string[]
  readonly metrics: {
    readonly accuracy: number
    readonly auc: number
    /** Share of benign flows that are called an attack. */
    readonly falsePositiveRate: number
    /** Share of a family's held-out flows that are found. */
    readonly recall: Readonly<Record<string, number>>
    /** The same, of a family of which a second model saw none in training. */
    readonly recallOfFamilyLeftOut: Readonly<Record<string, number>>
    /** Held-out flows that get another label from the exported model than from the trained one. */
    readonly labelsThatExportMoved: number
  }
  /** Held-out flows and what ONNX Runtime in Python says of them. */
  readonly examples: {
    readonly flows: readonly (readonly number[])[]
    readonly label: readonly number[]
    readonly probabilities: readonly (readonly number[])[]
  }
}

/** Trains and exports both versions into `out`; their metadata. Half a minute, and half a minute more the first time. */
export async function train(out: string, flows = here('flows.csv.gz')): Promise<readonly Metadata[]> {
  const python = await pythonWith('inference-train', here('requirements.txt'))
  const made: Metadata[] = []
  for (const { version, trees } of versions) {
    const folder = join(out, 'flow-classifier', String(version))
    mkdirSync(folder, { recursive: true })
    const args = [
      '--flows',
      flows,
      '--out',
      join(folder, 'model.onnx'),
      '--version',
      `${version}`,
      '--trees',
      `${trees}`,
    ]
    // One thread: sums over threads would not always be taken in the same order.
    const metadata = await run(python, [here('train.py'), ...args], {
      env: { OMP_NUM_THREADS: '1', ...withoutTelemetry },
    })
    writeFileSync(join(folder, 'model.json'), metadata)
    made.push(JSON.parse(metadata) as Metadata)
  }
  return made
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: carried },
      flows: { type: 'string', default: here('flows.csv.gz') },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) console.log(usage)
  else
    for (const { name, version, sha256, bytes, metrics } of await train(values.out, values.flows))
      console.log(`${name} ${version}: ${bytes} bytes, sha256 ${sha256}\n  ${JSON.stringify(metrics)}`)
}
