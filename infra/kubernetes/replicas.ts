import { rowOf, type ScalingPolicy } from '../../policies/model/scaling.ts'
import { type ReplicaBounds, replicaBounds } from '../../policies/replicas.ts'
import type { ChartScope } from './context.ts'

/** A service's row of the scaling matrix, whose keys are spelled with underscores. */
export const scalingOf = ({ policies }: ChartScope, service: string): ScalingPolicy | undefined =>
  policies.scaling[rowOf(service)]

/** The fewest and the most pods of a service. */
export const bounds = (scope: ChartScope, service: string): ReplicaBounds =>
  replicaBounds(scope.policies, scope.policy, service)

/** Pods that a service starts with. */
export const replicas = (scope: ChartScope, service: string): number => bounds(scope, service).min

/** Whether KEDA counts pods: on a developer's machine only in a region that runs it. */
export const hasKeda = ({ policy, context: { cluster } }: ChartScope): boolean =>
  policy.autoscaler === 'keda' && (cluster.kind === 'managed' || cluster.keda !== undefined)

/** Whether somebody else than the stack changes the number of a service's pods. */
export const autoscaled = (scope: ChartScope, service: string): boolean =>
  hasKeda(scope) && scalingOf(scope, service) !== undefined
