import { parseArgs } from 'node:util'
import { scaling } from '../../policies/scaling.ts'
import { backtest, seriesOf } from './bench.ts'

const usage = `npm run --silent bench:forecast -- --trace FILE.csv[.gz] [--horizon SECONDS] [--quantile Q] [--peak RATE --target RATE]
  Feeds a series (second column, one value a minute) to the forecaster and prints one line of JSON: pinball loss beside persistence's, and the
  share of minutes at which the gate was open. --peak scales the series; --target is what a pod carries (default: no pods, errors alone judge).`

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
    },
  })
  if (!values.trace) return { text: usage, ok: false }
  const series = seriesOf(values.trace)
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
