import { type Duration, seconds } from '../../../policies/model/units.ts'
import type { ChartScope } from '../context.ts'
import { issuer } from '../workload/certificate.ts'
import { identityService, istioNamespace, meshNetwork, trustDomain } from './istio-names.ts'
import { type Asked, asks, onSystem, type Placed } from './pods.ts'
import { type Release, release } from './release.ts'

/** The ConfigMap with the environment's authority, and where it is mounted. */
export const rootConfigMap = 'istio-root-ca'
const rootFolder = '/var/run/secrets/istio-csr'

export interface IstioCsrValues extends Placed {
  readonly replicaCount: number
  readonly resources: Asked
  readonly volumes?: readonly { readonly name: string; readonly configMap: { readonly name: string } }[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly: true }[]
  readonly app: {
    readonly certmanager: {
      readonly namespace: string
      readonly preserveCertificateRequests: false
      readonly issuer: { readonly name: string; readonly kind: string; readonly group: string }
    }
    readonly tls: {
      readonly trustDomain: string
      /** The root is given. Absent where the context has none: then it is the one of the first certificate. */
      readonly rootCAFile?: string
      readonly certificateDNSNames: readonly string[]
      readonly certificateDuration: string
      readonly istiodCertificateDuration: string
      readonly istiodCertificateRenewBefore: string
    }
    readonly server: { readonly clusterID: string; readonly maxCertificateDuration: string }
    readonly istio: { readonly revisions: readonly string[]; readonly namespace: string }
  }
}

/** Whether the context says which authority is the environment's. */
export const knowsRoot = ({ context }: ChartScope): boolean => context.secrets.authority !== ''

const hours = (duration: Duration): string => `${Math.floor(seconds(duration) / 3_600)}h`

/** Who gives proxies their identity: the same authority signs for the mesh of every region, so that they believe each other. */
export function istioCsr(scope: ChartScope): Release<IstioCsrValues> {
  const { duration, renewBefore } = scope.policies.operators.certificates
  return release(scope, 'istio-csr', {
    name: identityService.name,
    namespace: identityService.namespace,
    stage: 'identity',
    values: {
      replicaCount: 2,
      resources: asks('100m', '256Mi'),
      ...(knowsRoot(scope)
        ? {
            volumes: [{ name: 'root-ca', configMap: { name: rootConfigMap } }],
            volumeMounts: [{ name: 'root-ca', mountPath: rootFolder, readOnly: true as const }],
          }
        : {}),
      app: {
        certmanager: {
          namespace: istioNamespace,
          preserveCertificateRequests: false,
          issuer: { name: issuer.name, kind: issuer.kind, group: issuer.group },
        },
        tls: {
          trustDomain: trustDomain(scope),
          ...(knowsRoot(scope) ? { rootCAFile: `${rootFolder}/ca.pem` } : {}),
          certificateDNSNames: [`${identityService.name}.${identityService.namespace}.svc`],
          certificateDuration: '24h',
          istiodCertificateDuration: hours(duration),
          istiodCertificateRenewBefore: hours(renewBefore),
        },
        server: { clusterID: meshNetwork(scope), maxCertificateDuration: '24h' },
        istio: { revisions: ['default'], namespace: istioNamespace },
      },
      ...onSystem,
    },
  })
}
