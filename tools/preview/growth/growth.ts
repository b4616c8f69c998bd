import type { Policies } from '../../../policies/bundle.ts'
import { loadOf, managedByCloud, type Pool, poolOf } from '../../../policies/capacity.ts'
import { rowOf } from '../../../policies/model/scaling.ts'
import { bytes, millicores, perSecond } from '../../../policies/model/units.ts'
import { replicaBounds } from '../../../policies/replicas.ts'
import { monthlyPrice } from '../cost/prices.ts'
import { type Curve, coresAt, latencyAt, curves as measured } from './curves.ts'
import { type Packed, type PodRequest, pack } from './packing.ts'

/** How many times the load of `objectives.load` is looked at. */
const multiples = [1, 2, 10] as const
export type Multiple = (typeof multiples)[number]

/** What one service does at one load. */
export interface ServiceAtLoad {
  readonly service: string
  /** What it would take by its row, without the row's bounds. */
  readonly wanted: number
  readonly replicas: number
  /** What decided: a metric of the row, its bounds, or that nothing scales it. */
  readonly by: string
  /** Of one pod, a second, in the unit of its curve. */
  readonly each?: { readonly rate: number; readonly unit: string }
  /** Share of the pod's cores that is busy, by the curve. */
  readonly busy?: number
  /** Milliseconds, by the curve. */
  readonly p99?: { readonly ms: number; readonly within: boolean }
  /** No pod was measured at so much. */
  readonly beyond: boolean
}

/** One region of an environment at one load. */
export interface GrowthRow {
  readonly environment: string
  readonly multiple: Multiple
  readonly services: readonly ServiceAtLoad[]
  readonly machines: Packed
  /** Of the machines, US dollars a month; what has no price counts nothing, and is named in the bill. */
  readonly dollars: number
  /** What does not fit: a row's most replicas, a pool's limit, a pod on any machine. */
  readonly short: readonly string[]
}

type Load = Policies['objectives']['load']

interface Wish {
  readonly pods: number
  readonly by: string
}

/** The fewest pods of which each is at most so busy. */
function podsFor(curve: Curve, rate: number, most: number): number {
  let pods = 1
  while (coresAt(curve, rate / pods) > most && pods < 10_000) pods++
  return pods
}

/** What each metric of a row asks for in a steady state. Queues and lag are empty there; what nobody has measured has no say. */
function wishes(
  policies: Policies,
  service: string,
  load: (of: keyof Load) => number,
  curve: Curve | undefined,
): Wish[] {
  const row = policies.scaling[rowOf(service)]
  return (row?.metrics ?? []).flatMap(({ name, threshold }): Wish[] => {
    const counted = loadOf[service]
    if (name === 'qps' && counted) return [{ pods: Math.ceil(load(counted) / threshold), by: name }]
    // The event loop is one core.
    if (name === 'utilization' && curve) return [{ pods: podsFor(curve, load(curve.load), threshold), by: name }]
    return []
  })
}

function atLoad(
  policies: Policies,
  environment: string,
  service: string,
  multiple: Multiple,
  curves: Readonly<Record<string, Curve>>,
): ServiceAtLoad {
  const policy = policies.environments[environment]!
  const load = (of: keyof Load) => multiple * perSecond(policies.objectives.load[of])
  const curve = curves[service]
  const { min, max } = replicaBounds(policies, policy, service)
  const asked = wishes(policies, service, load, curve)
  const first = asked.reduce<Wish>((most, wish) => (wish.pods > most.pods ? wish : most), { pods: min, by: '' })
  const scaled = policies.scaling[rowOf(service)] !== undefined
  const replicas = Math.min(max, Math.max(min, first.pods))
  const by = !scaled ? 'fixed' : first.pods > max ? 'most replicas' : first.by || 'fewest replicas'
  if (!curve) return { service, wanted: first.pods, replicas, by, beyond: false }
  const rate = curve.copies ? load(curve.load) : load(curve.load) / replicas
  const p99 = latencyAt(curve, 'p99', rate)
  const cores = millicores(policy.sizes[service]!.cpu) / 1_000
  return {
    service,
    wanted: first.pods,
    replicas,
    by,
    each: { rate, unit: curve.unit },
    busy: coresAt(curve, rate) / cores,
    ...(p99 ? { p99 } : {}),
    beyond: rate > curve.points.at(-1)!.rate,
  }
}

const requestOf = ({ cpu, memory, gpu = 0 }: Policies['environments'][string]['sizes'][string]): PodRequest => ({
  millicores: millicores(cpu),
  bytes: bytes(memory),
  gpus: gpu,
})

/** What a region takes at one load. */
function rowAt(
  policies: Policies,
  environment: string,
  multiple: Multiple,
  curves: Readonly<Record<string, Curve>>,
): GrowthRow {
  const policy = policies.environments[environment]!
  const { kubernetes } = policies.cloud[environment]!
  const services = Object.keys(policy.sizes)
    .filter((service) => !managedByCloud.includes(service))
    .map((service) => atLoad(policies, environment, service, multiple, curves))
  const pods = services.flatMap(({ service, replicas }) => {
    const size = policy.sizes[service]!
    const count = replicas + (kubernetes.headroom[service]?.pods ?? 0)
    return Array.from({ length: count }, () => ({ pool: poolOf(size), of: requestOf(size) }))
  })
  const machines = new Map<string, number>()
  const short = services.flatMap(({ service, wanted, replicas, by }) =>
    by === 'most replicas' ? [`${service} wants ${wanted} pods and may have ${replicas}`] : [],
  )
  for (const pool of ['general', 'gpu', 'data'] as const) {
    const own = pods.filter((pod) => pod.pool === pool).map(({ of }) => of)
    const packed = pack(own, kubernetes.pools[pool].instances)
    for (const [type, count] of packed.machines) machines.set(type, (machines.get(type) ?? 0) + count)
    short.push(...beyondLimits(policies, environment, pool, own))
    if (packed.homeless > 0) short.push(`${packed.homeless} pods fit on no machine of the pool '${pool}'`)
  }
  const [region = ''] = policy.regions
  const dollars = [...machines].reduce(
    (sum, [type, count]) => sum + count * (monthlyPrice(`ec2:${type}`, region) ?? 0),
    0,
  )
  return { environment, multiple, services, machines, dollars, short }
}

/** A pool's limits, which Karpenter keeps by what pods ask for. */
function beyondLimits(policies: Policies, environment: string, pool: Pool, pods: readonly PodRequest[]): string[] {
  const { limits } = policies.cloud[environment]!.kubernetes.pools[pool]
  const sum = (of: (pod: PodRequest) => number) => pods.reduce((all, pod) => all + of(pod), 0)
  const over = (asked: number, limit: number, unit: string) =>
    asked > limit ? [`the pool '${pool}' is asked for ${Math.ceil(asked)} ${unit} and may have ${limit}`] : []
  return [
    ...over(sum((pod) => pod.millicores) / 1_000, millicores(limits.cpu) / 1_000, 'cores'),
    ...over(sum((pod) => pod.bytes) / 2 ** 30, bytes(limits.memory) / 2 ** 30, 'GiB'),
    ...(limits.gpu
      ? over(
          sum((pod) => pod.gpus),
          limits.gpu,
          'GPUs',
        )
      : []),
  ]
}

/** What a region of each environment of the cloud takes at each load. Empty for policies that are older than the load or the cloud. */
export function growth(policies: Policies, curves: Readonly<Record<string, Curve>> = measured): GrowthRow[] {
  if (!policies.objectives?.load) return []
  return Object.keys(policies.cloud ?? {}).flatMap((environment) =>
    multiples.map((multiple) => rowAt(policies, environment, multiple, curves)),
  )
}

/** One row before and after. */
export interface GrowthChange {
  readonly before?: GrowthRow
  readonly after?: GrowthRow
}

export const compareGrowth = (before: readonly GrowthRow[], after: readonly GrowthRow[]): GrowthChange[] => {
  const keyOf = ({ environment, multiple }: GrowthRow) => `${environment} ${multiple}`
  const [old, now] = [before, after].map((rows) => new Map(rows.map((row) => [keyOf(row), row])))
  return [...new Set([...now!.keys(), ...old!.keys()])].map((key) => {
    const [was, is] = [old!.get(key), now!.get(key)]
    return { ...(was ? { before: was } : {}), ...(is ? { after: is } : {}) }
  })
}
