import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readRegion } from '../../../infra/local/region.ts'
import { loop } from '../../../policies/autoscaling.ts'
import { environments } from '../../../policies/environments.ts'
import type { MLInferenceSpec } from '../../../policies/model/ml-inference.ts'
import { seconds } from '../../../policies/model/units.ts'
import { objectives } from '../../../policies/objectives.ts'
import { scaling } from '../../../policies/scaling.ts'
import { classifier, jsonRequest } from '../../inference/peers/requests.ts'
import { places } from '../../region/context.ts'
import { oneRun, type Run } from './run.ts'
import { ScaledService } from './service.ts'

const usage = `usage: npm run bench:scaling -- [--runs N] [--pods N] [--threshold RPS] [--rate RPS] [--hold SECONDS] [--limit SECONDS]

How fast ml-inference follows its load in a local region of the profile full (NEURODEFENDER_REGION): a step of requests through the gateway, until the last
pod that the step needs has answered its first inference; then no load, until the pods are as few as before. Whoever sends is on the same machine.

--runs       how often (default 10)
--pods       that the step needs (default 4)
--threshold  requests a second for each pod (default: the matrix's). Another one is written into the resource for the runs, and taken back
--rate       requests a second (default: what just that many pods carry, and one fewer not, tolerance included)
--hold       how long the load goes on after the last pod's answer (default 30)
--limit      a run is given up after so long in one direction (default 600)

One JSON line last; it ends with 1 when a run missed the objective.`

const name = 'threat-detection'
const connections = 64

/** What it scales by with another threshold for its requests; all else stays. */
const withThreshold = ({ scaling: own }: MLInferenceSpec, threshold: number): MLInferenceSpec['scaling'] => ({
  ...own,
  metrics: (own?.metrics ?? []).map((metric) =>
    metric.type === 'QPS' ? { ...metric, averageValue: threshold } : metric,
  ),
})

/**
 * Requests a second that need `pods` pods of `threshold` each: in the middle between what one fewer carries within the autoscaler's
 * tolerance and what they carry. From 11 pods on the tolerance leaves nothing between, and it is what they carry.
 */
export const rateFor = (pods: number, threshold: number): number =>
  Math.min(pods, (pods + (pods - 1) * (1 + loop.tolerance)) / 2) * threshold

const worst = (runs: readonly Run[], of: (run: Run) => number): number => Math.max(...runs.map(of))

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '10' },
      pods: { type: 'string', default: '4' },
      threshold: { type: 'string' },
      rate: { type: 'string' },
      hold: { type: 'string', default: '30' },
      limit: { type: 'string', default: '600' },
      help: { type: 'boolean', default: false },
    },
  })
  const { metrics, actions } = scaling.ml_inference
  const matrix = metrics.find((metric) => metric.name === 'qps')!.threshold
  const [need, threshold] = [Number(values.pods), Number(values.threshold ?? matrix)]
  const rate = Number(values.rate ?? rateFor(need, threshold))
  const [count, hold, limit] = [Number(values.runs), Number(values.hold), Number(values.limit)]
  const from = actions.min_replicas
  const good =
    [count, threshold, rate, hold, limit].every((one) => one > 0) && need > from && need <= actions.max_replicas
  if (values.help || !good) {
    console.error(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const where = places()
  const region = readRegion(where.region, where.stateRoot)
  if (region.profile !== 'full') throw new Error(`The region '${region.name}' has no autoscaler: nd up --profile full.`)
  const service = new ScaledService(region, name)
  const { spec } = await service.resource()
  const ca = readFileSync(join(region.paths.workloadPki, 'ca.crt'), 'utf8')
  const load = {
    host: region.nodeAddress,
    port: environments.local.mesh.nodePort,
    trust: { ca, servername: 'localhost' },
    request: jsonRequest({ ...classifier('1'), name }, 1),
    connections,
    rate,
  }
  const runs: Run[] = []
  try {
    if (threshold !== matrix) await service.scaleBy(withThreshold(spec, threshold))
    for (let run = 1; run <= count; run++) {
      const say = (text: string) => console.error(`run ${run}: ${text}`)
      runs.push(await oneRun({ service, load, from, need, holdMs: hold * 1_000, limitMs: limit * 1_000, say }))
    }
  } finally {
    if (threshold !== matrix) await service.scaleBy(spec.scaling)
    service.close()
  }
  const { upWithin, downWithin } = objectives.scaling
  const [up, down] = [worst(runs, (run) => run.upSeconds), worst(runs, (run) => run.downSeconds)]
  const met = up <= seconds(upWithin) && down <= seconds(downWithin)
  console.log(
    JSON.stringify({
      ...{ bench: 'scaling', cpu: cpus()[0]?.model, cores: cpus().length, load: loadavg()[1] },
      ...{ region: region.name, from, need, threshold, matrix, rate, hold },
      ...{ worstUpSeconds: up, worstDownSeconds: down, met, runs },
    }),
  )
  if (!met) process.exitCode = 1
}

if (import.meta.main) await main()
