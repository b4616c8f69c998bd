import type { ApiObject } from 'cdk8s'
import type { Construct } from 'constructs'
import { type Duration, seconds } from '../../../policies/model/units.ts'
import type { ChartScope } from '../context.ts'
import { customResource } from '../custom-resource.ts'

/** The issuer that asks the environment's authority in AWS. */
export const issuer = { group: 'awspca.cert-manager.io', kind: 'AWSPCAClusterIssuer', name: 'neurodefender' } as const

/** What we set of cert-manager's Certificate. */
export interface CertificateSpec {
  readonly secretName: string
  readonly commonName: string
  readonly dnsNames: readonly string[]
  readonly duration: string
  readonly renewBefore: string
  readonly usages: readonly ('digital signature' | 'server auth' | 'client auth')[]
  readonly privateKey: {
    readonly algorithm: 'ECDSA'
    readonly size: 256
    readonly encoding: 'PKCS8'
    readonly rotationPolicy: 'Always'
  }
  readonly revisionHistoryLimit: number
  readonly issuerRef: typeof issuer
}

export interface CertificateRequest {
  /** Also the first name that the certificate is good for; its files are in the Secret `<name>-tls`. */
  readonly name: string
  readonly namespace: string
  readonly dnsNames: readonly string[]
}

/** Go's notation: cert-manager knows no days. */
const goDuration = (duration: Duration): string => `${Math.floor(seconds(duration) / 60)}m0s`

/**
 * A certificate with its key, made in the cluster: `tls.crt`, `tls.key`, `ca.crt`. It is replaced, key and all, before it ends; the
 * kubelet writes the new files under the running pod.
 */
export function issuedCertificate(construct: Construct, scope: ChartScope, request: CertificateRequest): ApiObject {
  const { name, namespace, dnsNames } = request
  const { duration, renewBefore } = scope.policies.operators.certificates
  const spec: CertificateSpec = {
    secretName: `${name}-tls`,
    commonName: name,
    dnsNames,
    duration: goDuration(duration),
    renewBefore: goDuration(renewBefore),
    usages: ['digital signature', 'server auth', 'client auth'],
    privateKey: { algorithm: 'ECDSA', size: 256, encoding: 'PKCS8', rotationPolicy: 'Always' },
    revisionHistoryLimit: 2,
    issuerRef: issuer,
  }
  return customResource(construct, 'certificate', {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name, namespace },
    spec,
  })
}
