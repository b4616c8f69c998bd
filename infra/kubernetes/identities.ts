import type { ChartScope } from './context.ts'
import { nodeOf, runsHere } from './names.ts'
import { collectorService } from './operators/istio-names.ts'
import { keeperOf, needsRole } from './workload/managed-network.ts'

/** A service account whose pods act in AWS, and what for. */
export interface Identity {
  readonly namespace: string
  readonly serviceAccount: string
  readonly needs:
    | 'machines'
    | 'load-balancers'
    | 'internal-names'
    | 'certificates'
    | 'traces'
    | 'kafka'
    | 'backups'
    | 'models'
}

/** Every service account that a Pod Identity association must be made for; none in an embedded cluster. */
export function identities(scope: ChartScope): readonly Identity[] {
  if (scope.context.cluster.kind === 'embedded') return []
  const own = Object.keys(scope.policies.services).filter(
    (service) => runsHere(scope, service) && needsRole(scope, service),
  )
  return [
    { namespace: 'kube-system', serviceAccount: 'karpenter', needs: 'machines' },
    { namespace: 'kube-system', serviceAccount: 'aws-load-balancer-controller', needs: 'load-balancers' },
    { namespace: 'external-dns', serviceAccount: 'external-dns', needs: 'internal-names' },
    { namespace: 'cert-manager', serviceAccount: 'aws-privateca-issuer', needs: 'certificates' },
    { namespace: collectorService.namespace, serviceAccount: collectorService.name, needs: 'traces' },
    ...own.map((service) => ({
      namespace: nodeOf(scope, service).namespace,
      serviceAccount: service,
      needs: keeperOf[service] ?? ('kafka' as const),
    })),
  ]
}
