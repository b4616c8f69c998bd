import type { Policies } from '../../../policies/bundle.ts'
import { demands, type PoolUse, poolUse } from '../../../policies/capacity.ts'
import { instances } from '../../../policies/model/instances.ts'
import { bytes, millicores } from '../../../policies/model/units.ts'
import { replicaBounds } from '../../../policies/replicas.ts'

/** One thing that is limited, in one region of an environment: what is taken at the fewest and at the most replicas. */
export interface CapacityRow {
  readonly environment: string
  readonly what: string
  readonly unit: string
  readonly min: number
  readonly max: number
  readonly limit: number
  /** The policy that holds the limit. */
  readonly path: string
}

const gibi = 2 ** 30
const round = (value: number): number => Math.round(value * 10) / 10

function poolRows(policies: Policies, environment: string): CapacityRow[] {
  const { pools } = policies.cloud[environment]!.kubernetes
  const [min, max] = (['min', 'max'] as const).map((at) => poolUse(policies, environment, at)) as [PoolUse[], PoolUse[]]
  return max.flatMap((most, i): CapacityRow[] => {
    const least = min[i] as PoolUse
    const { limits } = pools[most.pool]
    const path = `cloud.${environment}.kubernetes.pools.${most.pool}.limits`
    const row = (leaf: string, unit: string, of: (use: PoolUse) => number, limit: number): CapacityRow => ({
      environment,
      what: `pool '${most.pool}'`,
      unit,
      min: round(of(least)),
      max: round(of(most)),
      limit: round(limit),
      path: `${path}.${leaf}`,
    })
    return [
      row('cpu', 'vCPU', ({ vcpu }) => vcpu, millicores(limits.cpu) / 1_000),
      row('memory', 'GiB', (use) => use.bytes / gibi, bytes(limits.memory) / gibi),
      ...(limits.gpu ? [row('gpu', 'GPUs', ({ gpus }) => gpus, limits.gpu)] : []),
    ]
  })
}

function quotaRows(policies: Policies, environment: string): CapacityRow[] {
  const { kubernetes, serviceQuotas, kafka } = policies.cloud[environment]!
  const system = (instances[kubernetes.system.instance]?.vcpu ?? 0) * kubernetes.system.count
  const vcpus = (at: 'min' | 'max', gpu: boolean): number =>
    poolUse(policies, environment, at)
      .filter(({ pool }) => (pool === 'gpu') === gpu)
      .reduce((sum, { vcpu }) => sum + vcpu, gpu ? 0 : system)
  const row = (
    what: string,
    leaf: keyof typeof serviceQuotas,
    min: number,
    max: number,
    unit: string,
  ): CapacityRow => ({
    environment,
    what,
    unit,
    min,
    max,
    limit: serviceQuotas[leaf],
    path: `cloud.${environment}.serviceQuotas.${leaf}`,
  })
  return [
    row('quota of machines', 'standardVcpu', vcpus('min', false), vcpus('max', false), 'vCPU'),
    row('quota of GPU machines', 'gpuVcpu', vcpus('min', true), vcpus('max', true), 'vCPU'),
    row('quota of Kafka', 'mskBrokers', kafka.brokers, kafka.brokers, 'brokers'),
  ]
}

function podRows(policies: Policies, environment: string): CapacityRow[] {
  const { quota } = policies.environments[environment]!
  const asked = (at: 'min' | 'max', of: 'millicores' | 'bytes'): number =>
    demands(policies, environment, at).reduce(
      (sum, demand) => sum + (demand[of] * demand.pods) / (demand.pods + demand.headroom),
      0,
    )
  const path = `environments.${environment}.quota`
  return [
    {
      ...{ environment, what: 'pods of the platform', unit: 'cores', path: `${path}.cpu` },
      ...{ min: round(asked('min', 'millicores') / 1_000), max: round(asked('max', 'millicores') / 1_000) },
      limit: millicores(quota.cpu) / 1_000,
    },
    {
      ...{ environment, what: 'pods of the platform', unit: 'GiB', path: `${path}.memory` },
      ...{ min: round(asked('min', 'bytes') / gibi), max: round(asked('max', 'bytes') / gibi) },
      limit: round(bytes(quota.memory) / gibi),
    },
  ]
}

/** Consumers of a topic that is partitioned by tenant: one partition has one. */
const consumerRows = (policies: Policies, environment: string): CapacityRow[] =>
  Object.entries(policies.services)
    .filter(([, { metrics }]) => metrics.lag)
    .map(([service]) => {
      const policy = policies.environments[environment]!
      return {
        environment,
        what: `consumers: ${service}`,
        unit: 'partitions',
        ...replicaBounds(policies, policy, service),
        limit: policy.kafka.partitions,
        path: `environments.${environment}.kafka.partitions`,
      }
    })

/** What each region of each environment of the cloud takes of what it may. Empty for policies that are older than the cloud. */
export const capacity = (policies: Policies): CapacityRow[] =>
  Object.keys(policies.cloud ?? {}).flatMap((environment) => [
    ...poolRows(policies, environment),
    ...quotaRows(policies, environment),
    ...podRows(policies, environment),
    ...consumerRows(policies, environment),
  ])

/** One row before and after. */
export interface CapacityChange {
  readonly before?: CapacityRow
  readonly after?: CapacityRow
}

const keyOf = ({ environment, what, unit }: CapacityRow): string => `${environment}\n${what}\n${unit}`

export function compareCapacity(before: readonly CapacityRow[], after: readonly CapacityRow[]): CapacityChange[] {
  const [old, now] = [before, after].map((rows) => new Map(rows.map((row) => [keyOf(row), row])))
  return [...new Set([...now!.keys(), ...old!.keys()])].map((key) => {
    const [was, is] = [old!.get(key), now!.get(key)]
    return { ...(was ? { before: was } : {}), ...(is ? { after: is } : {}) }
  })
}

/** Whether the most is more than may be. */
export const exceeds = ({ max, limit }: CapacityRow): boolean => max > limit
