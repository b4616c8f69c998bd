import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import type { ServiceName } from '../../../policies/services.ts'
import type { ChartScope } from '../context.ts'
import { nodeOf } from '../names.ts'
import { denyAll } from '../workload/network.ts'
import { localClass } from '../workload/storage.ts'
import { namespaceQuota } from './quota.ts'
import { RegionChart } from './region-chart.ts'

/** The services that have an implementation, by the part of the region that brings them up. */
export const deployed = {
  platform: ['kafka', 'clickhouse', 'redis', 'prometheus'],
  services: ['topics', 'event-collector', 'hot-sink', 'analytics'],
} as const satisfies Record<string, readonly ServiceName[]>

/** The ground that everything else stands on: namespaces with their profile, their share and their silence. */
export class Namespaces extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'namespaces', scope)
    const all = [...deployed.platform, ...deployed.services]
    for (const name of new Set(all.map((service) => nodeOf(scope, service).namespace))) {
      const construct = new Construct(this, name)
      new k8s.KubeNamespace(construct, 'namespace', {
        metadata: {
          name,
          labels: Object.fromEntries(
            ['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
          ),
        },
      })
      denyAll(construct, name)
      namespaceQuota(construct, scope, name)
    }
    if (scope.context.cluster.kind === 'embedded')
      new k8s.KubeStorageClass(this, 'storage-class', {
        metadata: { name: localClass },
        provisioner: 'kubernetes.io/no-provisioner',
        volumeBindingMode: 'WaitForFirstConsumer',
        reclaimPolicy: 'Retain',
      })
  }
}
