import { execFile } from 'node:child_process'
import { parseArgs, promisify } from 'node:util'
import { readRegion } from '../../infra/local/region.ts'
import { policies } from '../../policies/bundle.ts'
import { rowOf, serviceOf } from '../../policies/model/scaling.ts'
import { replicaBounds } from '../../policies/replicas.ts'
import type { Explanation } from '../../services/common/autoscaling/explain/explain.ts'
import { replay } from '../../services/common/autoscaling/explain/replay.ts'
import { type Watched, watched } from '../../services/platform/forecaster/why/watched.ts'
import { looksOf, type StepSource } from '../../services/platform/forecaster/why/why.ts'
import { ensure } from '../engine/ensure.ts'
import { type Places, places, UsageError } from '../region/context.ts'
import { command } from '../region/run.ts'
import { askPrometheus } from '../test/prometheus.ts'
import { asCounted, asItRuns, type Hpa, lines, type ScaledObject, said } from './objects.ts'

const scaled = Object.keys(policies.scaling).map(serviceOf)
const usage = `usage: nd why SERVICE [--at TIME | --ago 10m] [--json]

Says why a service of the local region has as many pods as it has, or had: what each metric asks for, tolerance, stabilisation, the step,
the bounds, forecasts and what stands in for a metric that is missing. SERVICE: ${scaled.join(', ')}.
  --at TIME   a past moment: 2026-11-28T18:00:00Z
  --ago SPAN  so long ago: 90s, 10m, 2h`

const units = { s: 1_000, m: 60_000, h: 3_600_000 } as const

/** The moment that is asked about, milliseconds. */
export function momentOf({ at, ago }: { readonly at?: string; readonly ago?: string }, now: number): number {
  if (at !== undefined && ago !== undefined) throw new UsageError('Give --at or --ago, not both.')
  if (ago !== undefined) {
    const [, number, unit] = /^(\d+)([smh])$/.exec(ago) ?? []
    if (!number) throw new UsageError(`--ago ('${ago}') must be a number and s, m or h: 10m.`)
    return now - Number(number) * units[unit as keyof typeof units]
  }
  const moment = at === undefined ? now : Date.parse(at)
  if (Number.isNaN(moment) || moment > now)
    throw new UsageError(`--at ('${at}') must be a past moment: 2026-11-28T18:00:00Z.`)
  return moment
}

const historyOf = (where: Places): StepSource => ({
  async steps(expression, { from, to, step }) {
    const question = new URLSearchParams({
      query: expression,
      start: `${from / 1_000}`,
      end: `${to / 1_000}`,
      step: `${step / 1_000}`,
    })
    const { status, body } = await askPrometheus(where, `query_range?${question}`)
    if (status !== 200) throw new Error(`Prometheus answered ${status}: ${body}`)
    const { data } = JSON.parse(body) as { data: { result: { values: [number, string][] }[] } }
    return data.result.map(({ values }) => ({ samples: values.map(([at, value]) => [at, Number(value)] as const) }))
  },
})

/** KEDA's object of a service and its HPA, where there are any. */
async function objects(where: Places, of: Watched, signal: AbortSignal) {
  const toolchain = await ensure(['kubernetes'], { cacheRoot: where.cacheRoot, signal })
  const { kubeconfig } = readRegion(where.region, where.stateRoot).paths
  const namespace = policies.services[of.service]?.namespace ?? ''
  const get = async <T>(...what: string[]): Promise<T> => {
    const args = ['--kubeconfig', kubeconfig, '-n', namespace, 'get', ...what, '-o', 'json']
    return JSON.parse((await promisify(execFile)(toolchain.bin('kubectl'), args, { signal })).stdout) as T
  }
  const kinds = await get<{ items: { metadata: { name: string } }[] }>('crd')
  if (!kinds.items.some(({ metadata }) => metadata.name === 'scaledobjects.keda.sh')) return undefined
  const { items } = await get<{ items: ScaledObject[] }>('scaledobjects.keda.sh')
  const found = items.find(({ spec }) =>
    spec.triggers.some(({ metadata }) => metadata.query?.includes(`job="${of.service}"`)),
  )
  if (!found?.status?.hpaName) return undefined
  return { object: found, hpa: await get<Hpa>('hpa', found.status.hpaName) }
}

export const main = (args: string[]): Promise<number> =>
  command(async (signal) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        at: { type: 'string' },
        ago: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const [service = ''] = positionals
    const name = rowOf(service)
    const [row, graph, environment] = [policies.scaling[name], policies.services[service], policies.environments.local]
    if (!row || !graph || !environment)
      throw new UsageError(`'${service}' must be a service that is scaled: ${scaled.join(', ')}.`)
    const where = places()
    const now = Date.now()
    const at = momentOf(values, now)
    const policy = watched(name, row, graph, policies.objectives, replicaBounds(policies, environment, service))
    const there = await objects(where, policy, signal)
    const of = there ? asItRuns(policy, there.object, there.hpa) : policy
    const looks = await looksOf(of, at, historyOf(where), signal)
    const last = looks.at(-1)
    if (!last) throw new Error(`Prometheus knows of no pods of ${service} at ${new Date(at).toISOString()}.`)
    const seen = there && at === now ? [...looks.slice(0, -1), asCounted(last, there.hpa)] : looks
    const explained = replay(of, seen).at(-1) as Explanation
    const cluster = there && said(there.object, there.hpa)
    if (values.json) console.log(JSON.stringify({ ...explained, ...(cluster ? { cluster } : {}) }))
    else console.log(lines(explained, cluster).join('\n'))
    return 0
  })
