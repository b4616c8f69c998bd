import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { readRegion } from '../../infra/local/region.ts'
import { policies } from '../../policies/bundle.ts'
import { rowOf, serviceOf } from '../../policies/model/scaling.ts'
import { replicaBounds } from '../../policies/replicas.ts'
import type { Explanation } from '../../services/common/autoscaling/explain/explain.ts'
import { replay } from '../../services/common/autoscaling/explain/replay.ts'
import type { StepSource } from '../../services/platform/forecaster/follower.ts'
import { type Watched, watched } from '../../services/platform/forecaster/why/watched.ts'
import { looksOf } from '../../services/platform/forecaster/why/why.ts'
import { ensure } from '../engine/ensure.ts'
import { type Places, UsageError } from '../region/context.ts'
import { askPrometheus } from '../test/prometheus.ts'
import { asCounted, asItRuns, deaf, type Hpa, type Said, type ScaledObject, said, unseen } from './objects.ts'

/** The services that are scaled. */
export const scaled = Object.keys(policies.scaling).map(serviceOf)

export interface Answer {
  readonly explained: Explanation
  /** What the cluster's own objects say; none where nobody scales. */
  readonly cluster?: Said
  /** Why Prometheus could not be asked, so that the cluster's objects alone were. */
  readonly unasked?: string
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
    const { data } = JSON.parse(body) as {
      data: { result: { metric: Record<string, string>; values: [number, string][] }[] }
    }
    return data.result.map(({ metric, values }) => ({
      labels: metric,
      samples: values.map(([at, value]) => [at, Number(value)] as const),
    }))
  },
})

/** KEDA's object of a service and its HPA, where there are any. */
async function objects(where: Places, of: Watched, signal: AbortSignal) {
  const toolchain = await ensure(['kubernetes'], { cacheRoot: where.cacheRoot, signal })
  const { kubeconfig } = readRegion(where.region, where.stateRoot).paths
  const namespace = policies.services[of.service]?.namespace ?? ''
  const get = async <T>(...what: string[]): Promise<T> => {
    const args = ['--kubeconfig', kubeconfig, '-n', namespace, 'get', ...what, '-o', 'json']
    const options = { signal, maxBuffer: 64 << 20 }
    return JSON.parse((await promisify(execFile)(toolchain.bin('kubectl'), args, options)).stdout) as T
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

/**
 * Why a service of a local region had as many pods as it had at `at`; now, where that is `now`, and then also by what the HPA and KEDA say of their
 * last look. Milliseconds. Throws UsageError for a service that is not scaled, and Error where nobody knows of its pods.
 */
export async function askWhy(
  where: Places,
  service: string,
  { at, now }: { readonly at: number; readonly now: number },
  signal: AbortSignal,
): Promise<Answer> {
  const name = rowOf(service)
  const [row, graph, environment] = [policies.scaling[name], policies.services[service], policies.environments.local]
  if (!row || !graph || !environment)
    throw new UsageError(`'${service}' must be a service that is scaled: ${scaled.join(', ')}.`)
  const policy = watched(name, row, graph, policies.objectives, replicaBounds(policies, environment, service))
  const there = await objects(where, policy, signal)
  const of = there ? asItRuns(policy, there.object, there.hpa) : policy
  const cluster = there && said(there.object, there.hpa)
  const present = there && at === now ? there : undefined
  const count = present?.hpa.status?.currentReplicas
  const answer = (explained: Explanation): Answer => ({ explained, ...(cluster ? { cluster } : {}) })
  try {
    const looks = await looksOf(of, at, historyOf(where), signal, count)
    const last = looks.at(-1)
    if (!last) throw new Error(`Prometheus knows of no pods of ${service} at ${new Date(at).toISOString()}.`)
    if (!present) return answer(replay(of, looks).at(-1) as Explanation)
    const explained = replay(of, [...looks.slice(0, -1), asCounted(last, present.hpa)]).at(-1) as Explanation
    const blind = deaf(explained, present.hpa) && replay(of, unseen(of, undefined, present.hpa, at)).at(-1)
    return answer(blind || explained)
  } catch (error) {
    const blind = present && replay(of, unseen(of, present.object, present.hpa, at)).at(-1)
    if (!blind || signal.aborted) throw error
    return { ...answer(blind), unasked: (error as Error).message }
  }
}
