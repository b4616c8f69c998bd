import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { loop } from '../../policies/autoscaling.ts'
import { policies } from '../../policies/bundle.ts'
import { levelsOf } from '../../policies/levels.ts'
import { serviceOf } from '../../policies/model/scaling.ts'
import { seeded } from '../../services/common/testing/random.ts'
import { UsageError } from '../region/context.ts'
import { numberOption } from '../region/number-option.ts'
import { unified, withThreshold } from './diff.ts'
import { ProposeError } from './error.ts'
import { readPoints } from './points.ts'
import { type Estimate, estimate } from './scalability.ts'

const help = `npm run --silent propose -- --policy POLICY --points FILE.csv [options]

What threshold of 'qps' the measured curve of a pod bears, as a diff of policies/scaling.ts on standard output and the reasons on standard error. Nothing is
changed: look at it, try it with 'npm run simulate', and apply it with 'git apply'.

  --policy POLICY   a row of the scaling matrix: ml_inference
  --points FILE     CSV, 'load,ms,p99_ms': requests a second of one pod, mean (or median) and P99 latency there, from idle to where it bends
  --within MS       the P99 that is promised. Default: the objective of the service (policies/objectives.ts)
  --confidence C    0.5 to 0.999, that a pod bears it. Default: 0.95
  --json            the law, the load of a pod and the threshold, instead of the diff
  --help`

const file = 'policies/scaling.ts'

/** Milliseconds. */
function promised(service: string): number {
  const level = levelsOf(policies).find((one) => one.service === service && one.kind === 'latency')
  if (level?.within === undefined)
    throw new ProposeError('NOTHING_KNOWN', `Nothing is promised of the latency of ${service}: say --within.`)
  return level.within * 1_000
}

/** The autoscaler adds nothing until a pod has more than threshold × (1 + tolerance): that much it must bear. */
const thresholdFor = ({ least }: Pick<Estimate, 'least'>): number => Math.floor(least / (1 + loop.tolerance))

const shown = (value: number): string => Number(value.toPrecision(3)).toString()

function main(args: string[]): void {
  const { values } = parseArgs({
    args,
    options: {
      policy: { type: 'string' },
      points: { type: 'string' },
      within: { type: 'string' },
      confidence: { type: 'string', default: '0.95' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(help)
    return
  }
  if (values.policy === undefined || values.points === undefined)
    throw new UsageError(`--policy and --points are needed.\n\n${help}`)
  const metric = policies.scaling[values.policy]?.metrics.find(({ name }) => name === 'qps')
  if (metric === undefined)
    throw new ProposeError('NO_POLICY', `No row '${values.policy}' that scales by qps is in ${file}.`)
  const service = serviceOf(values.policy)
  const within =
    values.within === undefined
      ? promised(service)
      : numberOption('within', values.within, { least: 0.01, most: 600_000 })
  const confidence = numberOption('confidence', values.confidence, { least: 0.5, most: 0.999 })
  const points = readPoints(values.points)
  const found = estimate(points, within, confidence, seeded(1))
  const threshold = found === undefined ? 0 : thresholdFor(found)
  if (found === undefined || threshold < 1)
    throw new ProposeError(
      'NOTHING_KNOWN',
      `By these points a pod answers nothing within ${within} ms at P99: there is nothing to propose.`,
    )
  if (values.json) {
    console.log(JSON.stringify({ ...found, within, threshold, present: metric.threshold }, null, 2))
    return
  }
  const { law, best, least } = found
  console.error(
    [
      `A request by itself takes ${shown(law.alone)} ms; contention ${shown(law.contention)}, coherence ${shown(law.coherence)} (universal scalability law, ${points.length} points).`,
      `A pod answers ${shown(best)} requests/s within ${within} ms at P99, with ${confidence * 100} % confidence at least ${shown(least)}.`,
      `The autoscaler adds nothing up to ${loop.tolerance * 100} % over the threshold: ${threshold} instead of ${metric.threshold}.`,
    ].join('\n'),
  )
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  const diff = unified(file, text, withThreshold(text, values.policy, 'qps', threshold))
  if (diff === '') console.error('That is what the row says already.')
  else process.stdout.write(diff)
}

if (import.meta.main) {
  try {
    main(process.argv.slice(2))
  } catch (error) {
    const { code, message } = error as Error & { code?: string }
    const misused = error instanceof UsageError || (code?.startsWith('ERR_PARSE_ARGS') ?? false)
    if (!misused && !(error instanceof ProposeError)) throw error
    console.error(message)
    process.exitCode = misused ? 2 : 1
  }
}
