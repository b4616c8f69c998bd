import { parseArgs } from 'node:util'
import { UsageError } from '../region/context.ts'
import { numberOption } from '../region/number-option.ts'
import { type Mode, modes } from './foresight.ts'

export const help = `npm run simulate -- --policy POLICY --trace FILE.csv [options]

Replays a trace of requests through a row of policies/scaling.ts, as the autoscaler of the cluster would.

  --policy POLICY     a row of the scaling matrix: ml_inference
  --trace FILE        CSV (also packed by gzip): a header, then a time or index and the requests of that minute
  --peak RPS          scale the trace so that its busiest minute has that rate. Default: as it is
  --capacity RPS      what one ready pod answers per second. Default: what the autoscaler may ask of it, threshold and tolerance
  --startup SECONDS   until a new pod is ready. Default: the service's promise (policies/services.ts)
  --mode MODE         reactive, predictive, oracle or all. Default: all
  --json              per mode {overload_minutes, excess_request_share, pod_hours, scale_events, max_replicas}
  --out FILE.svg      write the plot to a file too
  --help`

export interface SimulateOptions {
  readonly policy: string
  readonly trace: string
  readonly peak: number | undefined
  readonly capacity: number | undefined
  readonly startup: number | undefined
  readonly modes: readonly Mode[]
  readonly json: boolean
  readonly out: string | undefined
}

const fail = (message: string): never => {
  throw new UsageError(message)
}

const number = (name: string, text: string | undefined, least: number, most: number): number | undefined =>
  text === undefined ? undefined : numberOption(name, text, { least, most })

/** Reads the command line; undefined: help was asked for. Throws UsageError. */
export function parseOptions(args: readonly string[]): SimulateOptions | undefined {
  const { values } = read(args)
  if (values.help) return undefined
  const mode = values.mode ?? 'all'
  const named = modes.find((known) => known === mode)
  if (!named && mode !== 'all') fail(`--mode ('${mode}') must be one of ${modes.join(', ')}, all.`)
  if (values.out !== undefined && !values.out.endsWith('.svg')) fail(`--out ('${values.out}') must end with .svg.`)
  return {
    policy: values.policy ?? fail('--policy is missing: name a row of the scaling matrix, such as ml_inference.'),
    trace: values.trace ?? fail('--trace is missing: give a CSV file with the requests of each minute.'),
    peak: number('peak', values.peak, 0.001, 1e9),
    capacity: number('capacity', values.capacity, 0.001, 1e9),
    startup: number('startup', values.startup, 0, 86_400),
    modes: named ? [named] : modes,
    json: values.json ?? false,
    out: values.out,
  }
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        policy: { type: 'string' },
        trace: { type: 'string' },
        peak: { type: 'string' },
        capacity: { type: 'string' },
        startup: { type: 'string' },
        mode: { type: 'string' },
        json: { type: 'boolean' },
        out: { type: 'string' },
        help: { type: 'boolean' },
      },
      strict: true,
      allowPositionals: false,
    })
  } catch (error) {
    throw new UsageError(`${(error as Error).message} Try --help.`, { cause: error })
  }
}
