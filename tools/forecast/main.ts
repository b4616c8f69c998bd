import { parseArgs } from 'node:util'
import { policies } from '../../policies/bundle.ts'
import { scaling } from '../../policies/scaling.ts'
import { planOf } from '../simulate/plan.ts'
import { readTrace } from '../simulate/trace.ts'
import { backtest, seriesOf } from './bench.ts'
import { kindNames, made } from './made.ts'
import { compare, report, summed, windowsOf } from './windows.ts'

const usage = `npm run --silent bench:forecast -- --trace FILE.csv[.gz] [--horizon SECONDS] [--quantile Q] [--peak RATE --target RATE]
  Feeds a series (second column, one value a minute) to the forecaster and prints one line of JSON: pinball loss beside persistence's, and the
  share of minutes at which the gate was open. --peak scales the series; --target is what a pod carries (default: no pods, errors alone judge).

npm run --silent bench:forecast -- --trace FILE.csv[.gz] --windows 7,14 [--step 3] [--peak 9500] [--startups 90,300] [--capacities 1100,1250] [--json]
  Cuts the trace into windows of so many days, one every --step days, scales each to the peak by itself, and replays it through ml_inference without a
  forecast, with one that knows nothing of the time before the window, and with an oracle: overload minutes and pod hours, for each window and in all.
  --made KIND [--seed 1] [--days 28] instead of --trace: a load that nobody recorded (${kindNames.join(', ')}).`

/** Runs the command. Answers its output, or the usage where an option makes no sense. */
export function run(args: readonly string[]): { readonly text: string; readonly ok: boolean } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      trace: { type: 'string' },
      horizon: { type: 'string', default: '210' },
      quantile: { type: 'string', default: `${scaling.ml_inference.prediction.quantile}` },
      peak: { type: 'string' },
      target: { type: 'string' },
      windows: { type: 'string' },
      made: { type: 'string' },
      seed: { type: 'string', default: '1' },
      days: { type: 'string', default: '28' },
      step: { type: 'string', default: '3' },
      startups: { type: 'string', default: '90,300' },
      capacities: { type: 'string', default: '1100,1250' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const { trace, windows } = values
  if (values.help) return { text: usage, ok: true }
  if (windows !== undefined) return ofWindows({ ...values, windows })
  if (!trace) return { text: usage, ok: false }
  const series = seriesOf(trace)
  const most = series.filter(Number.isFinite).reduce((a, b) => Math.max(a, b), 0)
  const factor = values.peak && most > 0 ? Number(values.peak) / most : 1
  const { min_replicas, max_replicas } = scaling.ml_inference.actions
  const result = backtest(
    series.map((value) => value * factor),
    {
      stepSeconds: 60,
      horizonSeconds: Number(values.horizon),
      quantile: Number(values.quantile),
      ...(values.target && { target: Number(values.target), min: min_replicas, max: max_replicas }),
    },
  )
  return { text: JSON.stringify(result), ok: true }
}

function ofWindows(options: {
  readonly trace?: string | undefined
  readonly made?: string | undefined
  readonly seed: string
  readonly days: string
  readonly windows: string
  readonly step: string
  readonly peak?: string | undefined
  readonly startups: string
  readonly capacities: string
  readonly json: boolean
}) {
  const numbers = (list: string): number[] => list.split(',').map(Number)
  const [days, startups, capacities] = [options.windows, options.startups, options.capacities].map(numbers)
  const [step, peak] = [Number(options.step), Number(options.peak ?? 9_500)]
  const positive = [...days!, ...capacities!, step, peak].every((n) => n > 0 && Number.isFinite(n))
  if (!positive || !startups!.every((n) => n >= 0 && Number.isFinite(n))) return { text: usage, ok: false }
  const kind = kindNames.find((name) => name === options.made)
  const [seed, long] = [Number(options.seed), Number(options.days)]
  const makes = kind !== undefined && Number.isInteger(seed) && long > 0 && long <= 400
  if (options.trace === undefined ? !makes : options.made !== undefined) return { text: usage, ok: false }
  const trace = kind ? made(kind, seed, Math.ceil(long)) : readTrace(options.trace ?? '')
  const plan = planOf(policies, 'ml_inference')
  const results = days!.flatMap((length) =>
    windowsOf(trace, length, step).map((window) => ({
      from: window.from,
      days: window.days,
      runs: compare(window, plan, { peak, startups: startups!, capacities: capacities! }),
    })),
  )
  const all = summed(results.flatMap(({ runs }) => runs))
  return { text: options.json ? JSON.stringify({ windows: results, all }, null, 2) : report(results, all), ok: true }
}

if (import.meta.main) {
  try {
    const { text, ok } = run(process.argv.slice(2))
    console.log(text)
    if (!ok) process.exitCode = 2
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`)
    process.exitCode = 2
  }
}
