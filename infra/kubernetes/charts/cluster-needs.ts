import { k8s } from 'cdk8s-plus-27'
import type { Construct } from 'constructs'
import type { ChartScope, ManagedCluster } from '../context.ts'
import { customResource } from '../custom-resource.ts'
import { issuer } from '../workload/certificate.ts'
import { RegionChart } from './region-chart.ts'

/** Volumes of the cloud: encrypted, in the pod's zone, and kept when their claim is gone. */
export class Volumes extends RegionChart {
  constructor(parent: Construct, scope: ChartScope, cluster: ManagedCluster) {
    super(parent, 'volumes', scope)
    new k8s.KubeStorageClass(this, 'class', {
      metadata: { name: cluster.storageClass },
      provisioner: 'ebs.csi.aws.com',
      parameters: { type: 'gp3', encrypted: 'true', 'csi.storage.k8s.io/fstype': 'ext4' },
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Retain',
      allowVolumeExpansion: true,
    })
  }
}

/** Who signs certificates: the environment's authority in AWS, asked by the issuer's own role. */
export class Issuer extends RegionChart {
  constructor(parent: Construct, scope: ChartScope, { authority }: ManagedCluster) {
    super(parent, 'issuer', scope)
    customResource(this, 'issuer', {
      apiVersion: `${issuer.group}/v1beta1`,
      kind: issuer.kind,
      metadata: { name: issuer.name },
      spec: { arn: authority.arn, region: authority.region },
    })
  }
}
