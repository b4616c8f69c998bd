import type { EnvironmentPolicy } from '../../../../policies/model/environment.ts'
import type { ChartScope, EmbeddedCluster, LocalMesh } from '../../context.ts'

export type MeshSizes = NonNullable<EnvironmentPolicy['mesh']>

/** A region that runs the mesh itself, with all that its charts read. */
export interface LocalMeshScope extends ChartScope {
  readonly cluster: EmbeddedCluster
  readonly mesh: LocalMesh
  readonly sizes: MeshSizes
}

/** Nothing for a region that runs no mesh. Throws RangeError where the environment has no sizes for one. */
export function localMeshScope(scope: ChartScope): LocalMeshScope | undefined {
  const { cluster } = scope.context
  if (cluster.kind !== 'embedded' || !cluster.mesh) return undefined
  const { mesh: sizes } = scope.policy
  if (!sizes)
    throw new RangeError(`environments.${scope.environment} has no 'mesh', which says how large its pods are.`)
  return { ...scope, cluster, mesh: cluster.mesh, sizes }
}
