import type { Policies } from './bundle.ts'
import { type Instance, instances } from './model/instances.ts'
import type { ObjectivesPolicy } from './model/objectives.ts'
import { rowOf } from './model/scaling.ts'
import type { Size } from './model/service.ts'
import { bytes, millicores, seconds } from './model/units.ts'
import { type ReplicaBounds, replicaBounds } from './replicas.ts'

/** A pool of machines: general work, GPUs, or what keeps data. */
export type Pool = 'general' | 'gpu' | 'data'

/** Services that are the cloud's own where there is one: no pod of them runs on our machines. */
export const managedByCloud: readonly string[] = ['kafka', 'redis']

/** The load that a service's metric `qps` counts, by service. */
export const loadOf: Readonly<Partial<Record<string, keyof ObjectivesPolicy['load']>>> = {
  'event-collector': 'requests',
  analytics: 'questions',
  'ml-inference': 'inferences',
}

/** What the kubelet and the system leave of a machine: shares measured on EKS, rounded down. */
export const allocatable = { cpu: 0.92, memory: 0.88 } as const

/** The machines that a service's pods run on. */
export const poolOf = (size: Size): Pool => (size.gpu ? 'gpu' : size.storage ? 'data' : 'general')

/** Pods beyond its own that a service may have while a rollout replaces them: where nothing is kept, the new one comes before the old one goes. */
export const surge = (size: Size, scaled: boolean): number => (scaled || !size.storage ? 1 : 0)

/** The most pods that one step up adds, from any count within the bounds. */
export function largestStep({ min, max }: ReplicaBounds, factor: number): number {
  let most = 0
  for (let pods = min; pods < max; pods++) most = Math.max(most, Math.min(Math.ceil(pods * factor), max) - pods)
  return most
}

/** Seconds from a change of load until a pod on a new machine helps: the fastest metric, a scrape, the machine, the pod. */
export function reaction(policies: Policies, service: string, nodeStartup: number): number {
  const windows = policies.scaling[rowOf(service)]?.metrics.map(({ window }) => seconds(window)) ?? []
  const startup = policies.services[service]?.startup ?? '0s'
  return Math.min(...windows) + seconds(policies.objectives.monitoring.scrapeInterval) + nodeStartup + seconds(startup)
}

/** What the pods of one service ask for, and the machines that they take. */
export interface Demand {
  readonly service: string
  readonly pool: Pool
  readonly pods: number
  /** Room that placeholders keep beside them. */
  readonly headroom: number
  /** Of pods and headroom. */
  readonly millicores: number
  readonly bytes: number
  readonly gpus: number
  /** The smallest type of the pool that fits a pod; none does: undefined. */
  readonly instance?: string
  readonly nodes: number
}

/** The first instance type, from the smallest, on which a pod of that size fits, and how many do. */
function placement(types: readonly string[], size: Size): { readonly name: string; readonly pods: number } | undefined {
  const known = types.flatMap((name): readonly [string, Instance][] => {
    const instance = instances[name]
    return instance ? [[name, instance]] : []
  })
  for (const [name, instance] of known.sort(([, a], [, b]) => a.vcpu - b.vcpu)) {
    const pods = Math.floor(
      Math.min(
        (instance.vcpu * 1_000 * allocatable.cpu) / millicores(size.cpu),
        (bytes(instance.memory) * allocatable.memory) / bytes(size.memory),
        size.gpu ? (instance.gpu ?? 0) / size.gpu : Number.POSITIVE_INFINITY,
      ),
    )
    if (pods >= 1) return { name, pods }
  }
  return undefined
}

/** What every service of a cloud environment asks of a region's machines at its fewest or most replicas. Empty for one without a cloud. */
export function demands(policies: Policies, environment: string, at: keyof ReplicaBounds): readonly Demand[] {
  const policy = policies.environments[environment]
  const cloud = policies.cloud[environment]
  if (!policy || !cloud) return []
  return Object.entries(policy.sizes)
    .filter(([service]) => !managedByCloud.includes(service))
    .map(([service, size]): Demand => {
      const pool = poolOf(size)
      const pods = replicaBounds(policies, policy, service)[at]
      const headroom = cloud.kubernetes.headroom[service]?.pods ?? 0
      const room = pods + headroom
      const place = placement(cloud.kubernetes.pools[pool].instances, size)
      return {
        service,
        pool,
        pods,
        headroom,
        millicores: room * millicores(size.cpu),
        bytes: room * bytes(size.memory),
        gpus: room * (size.gpu ?? 0),
        ...(place ? { instance: place.name } : {}),
        nodes: place ? Math.ceil(room / place.pods) : 0,
      }
    })
}

/** What one pool must offer, against what it may. */
export interface PoolUse {
  readonly pool: Pool
  readonly vcpu: number
  readonly bytes: number
  readonly gpus: number
  readonly nodes: number
}

/** The machines of each pool: whole ones, each service on its own, which is the worst packing. */
export function poolUse(policies: Policies, environment: string, at: keyof ReplicaBounds): readonly PoolUse[] {
  const all = demands(policies, environment, at)
  return (['general', 'gpu', 'data'] as const).map((pool): PoolUse => {
    const use = { vcpu: 0, bytes: 0, gpus: 0, nodes: 0 }
    for (const { instance, nodes } of all.filter((demand) => demand.pool === pool)) {
      const of = instances[instance ?? '']
      use.nodes += nodes
      use.vcpu += nodes * (of?.vcpu ?? 0)
      use.bytes += nodes * bytes(of?.memory ?? '0Gi')
      use.gpus += nodes * (of?.gpu ?? 0)
    }
    return { pool, ...use }
  })
}
