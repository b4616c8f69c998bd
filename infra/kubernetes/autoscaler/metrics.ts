import { keda } from '../../local/keda.ts'
import type { ChartScope } from '../context.ts'
import { podsBehind } from '../monitoring/discovery.ts'
import { headless } from '../names.ts'
import { ports } from './ports.ts'
import { localKedaScope } from './scope.ts'

/** What Prometheus asks of the KEDA that a region runs itself: nothing where it runs none. Its figures name no data of anybody. */
export function kedaJobs(scope: ChartScope): object[] {
  if (!localKedaScope(scope)) return []
  return [keda.operator, keda.adapter].map((name) => ({
    job_name: name,
    scheme: 'http',
    ...podsBehind(scope, `${headless(name)}.${keda.namespace}.svc.${scope.context.domain}`, ports.metrics),
  }))
}
