import { k8s } from 'cdk8s-plus-27'
import type { Construct } from 'constructs'
import type { ChartScope, ManagedCluster } from '../context.ts'
import { customResource } from '../custom-resource.ts'
import { secretData } from '../output-resolver.ts'
import { issuedCertificate, issuer } from '../workload/certificate.ts'
import { prometheusUser } from './prometheus.ts'
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

const kedaNamespace = 'keda'

/** How KEDA asks Prometheus: as its one user, over TLS, with a certificate of its own. */
export class AutoscalerAccess extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'autoscaler-access', scope)
    const { prometheus: password } = scope.context.secrets
    if (!password) throw new RangeError('The context has no secrets.prometheus, with which KEDA asks Prometheus.')
    const data = { username: prometheusUser, password }
    new k8s.KubeSecret(this, 'password', {
      metadata: { name: 'prometheus', namespace: kedaNamespace },
      type: 'Opaque',
      data: secretData(data),
    })
    const client = 'prometheus-client'
    issuedCertificate(this, scope, { name: client, namespace: kedaNamespace, dnsNames: [client] })
    const file = (parameter: string, key: string) => ({ parameter, name: `${client}-tls`, key })
    customResource(this, 'authentication', {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ClusterTriggerAuthentication',
      metadata: { name: 'prometheus' },
      spec: {
        secretTargetRef: [
          ...Object.keys(data).map((key) => ({ parameter: key, name: 'prometheus', key })),
          file('ca', 'ca.crt'),
          file('cert', 'tls.crt'),
          file('key', 'tls.key'),
        ],
      },
    })
  }
}
