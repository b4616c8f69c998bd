import type { ScalingPolicy } from '../../policies/model/scaling.ts'
import type { ChartScope } from './context.ts'

/** A service's row of the scaling matrix, whose keys are spelled with underscores. */
export const scalingOf = ({ policies }: ChartScope, service: string): ScalingPolicy | undefined =>
  policies.scaling[service.replaceAll('-', '_')]

/** Pods that a service starts with: what its engine's replication asks for, the least of its scaling row, or one. */
export function replicas(scope: ChartScope, service: string): number {
  const { kafka, clickhouse, redis } = scope.policy
  const engines: Record<string, { readonly replicas: number }> = { kafka, clickhouse, redis }
  return engines[service]?.replicas ?? scalingOf(scope, service)?.actions.min_replicas ?? 1
}

/** Whether somebody else than the stack changes the number of a service's pods. */
export const autoscaled = (scope: ChartScope, service: string): boolean =>
  scope.policy.autoscaler !== 'none' && scalingOf(scope, service) !== undefined
