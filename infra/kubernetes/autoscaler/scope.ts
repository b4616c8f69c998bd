import type { EnvironmentPolicy } from '../../../policies/model/environment.ts'
import type { ChartScope, EmbeddedCluster, LocalKeda } from '../context.ts'
import { nodeOf, runsHere } from '../names.ts'
import { hasKeda, scalingOf } from '../replicas.ts'

/** A region that runs KEDA itself, with all that its charts read. */
export interface LocalKedaScope extends ChartScope {
  readonly cluster: EmbeddedCluster
  readonly keda: LocalKeda
  readonly sizes: NonNullable<EnvironmentPolicy['keda']>
}

/** Nothing for a region that runs no KEDA of its own. Throws RangeError where the environment has no sizes for one. */
export function localKedaScope(scope: ChartScope): LocalKedaScope | undefined {
  const { cluster } = scope.context
  if (!hasKeda(scope) || cluster.kind !== 'embedded' || !cluster.keda) return undefined
  const { keda: sizes } = scope.policy
  if (!sizes)
    throw new RangeError(`environments.${scope.environment} has no 'keda', which says how large its pods are.`)
  return { ...scope, cluster, keda: cluster.keda, sizes }
}

/** The namespaces that have something to scale, in the order of their names. */
export const scaledNamespaces = (scope: ChartScope): readonly string[] => [
  ...new Set(
    Object.keys(scope.policies.services)
      .filter((service) => scalingOf(scope, service) && runsHere(scope, service))
      .map((service) => nodeOf(scope, service).namespace)
      .sort(),
  ),
]
