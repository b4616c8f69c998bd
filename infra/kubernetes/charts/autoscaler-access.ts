import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import { prometheusAuthentication } from '../../../policies/autoscaling.ts'
import { keda } from '../../local/keda.ts'
import type { ChartScope } from '../context.ts'
import { customResource } from '../custom-resource.ts'
import { secretData } from '../output-resolver.ts'
import { issuedCertificate } from '../workload/certificate.ts'
import { prometheusUser } from './prometheus.ts'
import { RegionChart } from './region-chart.ts'

const { namespace } = keda
const { kind, name } = prometheusAuthentication

/** How KEDA asks Prometheus: as its one user, over TLS, with the certificate in a Secret of its namespace. */
export class PrometheusAccess extends Construct {
  constructor(parent: Construct, scope: ChartScope, certificate: string) {
    super(parent, 'prometheus-access')
    const { prometheus: password } = scope.context.secrets
    if (!password) throw new RangeError('The context has no secrets.prometheus, with which KEDA asks Prometheus.')
    const data = { username: prometheusUser, password }
    new k8s.KubeSecret(this, 'password', {
      metadata: { name, namespace },
      type: 'Opaque',
      data: secretData(data),
    })
    const file = (parameter: string, key: string) => ({ parameter, name: certificate, key })
    customResource(this, 'authentication', {
      apiVersion: 'keda.sh/v1alpha1',
      kind,
      metadata: { name },
      spec: {
        secretTargetRef: [
          ...Object.keys(data).map((key) => ({ parameter: key, name, key })),
          file('ca', 'ca.crt'),
          file('cert', 'tls.crt'),
          file('key', 'tls.key'),
        ],
      },
    })
  }
}

/** The same in a cloud, where the certificate is made in the cluster. */
export class AutoscalerAccess extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'autoscaler-access', scope)
    const client = 'prometheus-client'
    issuedCertificate(this, scope, { name: client, namespace, dnsNames: [client] })
    new PrometheusAccess(this, scope, `${client}-tls`)
  }
}
