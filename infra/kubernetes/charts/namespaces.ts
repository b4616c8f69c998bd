import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import type { ServiceName } from '../../../policies/services.ts'
import { yieldingClass } from '../../local/config/yielding.ts'
import type { ChartScope } from '../context.ts'
import { hasMesh, nodeOf, podSecurityLabels, runsHere } from '../names.ts'
import { denyAll } from '../workload/network.ts'
import { localClass } from '../workload/storage.ts'
import { namespaceQuota } from './quota.ts'
import { RegionChart } from './region-chart.ts'

/** The services that have an implementation. */
const implemented = [
  ...['kafka', 'clickhouse', 'keeper', 'elasticsearch', 'redis', 'prometheus', 'alertmanager'],
  ...['topics', 'event-collector', 'hot-sink', 'correlation-engine', 'shard-manager', 'analytics'],
] as readonly ServiceName[]

/** The services whose pods run in the cluster. Those of ml-inference are made by its operator, and reached through the mesh. */
const deployed = (scope: ChartScope): readonly ServiceName[] => [
  ...implemented.filter((service) => runsHere(scope, service)),
  ...(hasMesh(scope) ? (['ml-inference', 'operator', 'forecaster'] as const) : []),
]

export const isDeployed = (scope: ChartScope, service: string): boolean =>
  (deployed(scope) as readonly string[]).includes(service)

/** The edges of the graph along which Prometheus scrapes what is deployed here. */
export const scraped = (scope: ChartScope) =>
  nodeOf(scope, 'prometheus').calls.filter(({ service }) => isDeployed(scope, service))

/** The ground that everything else stands on: namespaces with their profile, their share and their silence. */
export class Namespaces extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'namespaces', scope)
    const managed = scope.context.cluster.kind === 'managed'
    for (const name of new Set(deployed(scope).map((service) => nodeOf(scope, service).namespace))) {
      const construct = new Construct(this, name)
      new k8s.KubeNamespace(construct, 'namespace', {
        metadata: {
          name,
          labels: { ...podSecurityLabels('restricted'), ...(managed ? { 'istio-injection': 'enabled' } : {}) },
        },
      })
      denyAll(construct, name)
      namespaceQuota(construct, scope, name)
    }
    if (scope.policy.yields)
      new k8s.KubeRuntimeClass(this, 'yielding', { metadata: { name: yieldingClass }, handler: yieldingClass })
    if (scope.context.cluster.kind === 'embedded')
      new k8s.KubeStorageClass(this, 'storage-class', {
        metadata: { name: localClass },
        provisioner: 'kubernetes.io/no-provisioner',
        volumeBindingMode: 'WaitForFirstConsumer',
        reclaimPolicy: 'Retain',
      })
  }
}
