import { mesh } from '../../../local/mesh.ts'
import type { ChartScope } from '../../context.ts'
import { podsBehind } from '../../monitoring/discovery.ts'
import { headless } from '../../names.ts'
import { ports } from './ports.ts'
import { localMeshScope } from './scope.ts'

/** What Prometheus asks of the mesh that a region runs itself: nothing where it runs none. */
export function meshJobs(scope: ChartScope, tls: (serverName: string) => object): object[] {
  if (!localMeshScope(scope)) return []
  const pods = (name: string, port: number) => ({
    job_name: name,
    ...podsBehind(scope, `${headless(name)}.${mesh.namespace}.svc.${scope.context.domain}`, port),
  })
  return [
    { ...pods(mesh.gateway, ports.metrics), scheme: 'https', tls_config: tls(mesh.gateway) },
    // Its figures, which name no data of anybody, it gives in the clear alone.
    { ...pods(mesh.control, ports.controlMetrics), scheme: 'http' },
  ]
}
