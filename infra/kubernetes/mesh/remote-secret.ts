import type { Input } from '@pulumi/pulumi'
import { istioNamespace } from '../operators/istio-names.ts'
import { base64, derive } from '../output-resolver.ts'

/** What a control plane must know to read the addresses of another region's pods. */
export interface RemoteCluster {
  /** `meshNetwork` of the other region, its name: certificates and endpoints carry it. */
  readonly name: string
  /** The other cluster's endpoint: 'https://…'. Private, so the networks must be joined. */
  readonly endpoint: Input<string>
  /** PEM in base64, as EKS gives it. */
  readonly certificateAuthority: Input<string>
  /** `data.token` of the other cluster's `readerToken`: base64. Secret. */
  readonly token: Input<string>
}

/**
 * The Secret that a cluster's API server fills with a token for the others' control planes. It is made after the mesh's chart, which makes the
 * account: one that names nobody is removed again. The account reads only.
 */
export const readerToken = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 'istio-reader-token',
    namespace: istioNamespace,
    annotations: { 'kubernetes.io/service-account.name': 'istio-reader-service-account' },
  },
  type: 'kubernetes.io/service-account-token',
} as const

const decoded = (text: string): string => Buffer.from(text, 'base64').toString()

/**
 * The Secret that makes a cluster's control plane watch another one: one for each ordered pair of regions, made in the first by the
 * stack that joins regions. Istiod runs no helper programs, so it cannot sign in by IAM.
 */
export function remoteSecret({ name, endpoint, certificateAuthority, token }: RemoteCluster) {
  const kubeconfig = derive([endpoint, certificateAuthority, token], (server, authority, bearer) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server, 'certificate-authority-data': authority } }],
      users: [{ name, user: { token: decoded(bearer) } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
    }),
  )
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `istio-remote-secret-${name}`,
      namespace: istioNamespace,
      labels: { 'istio/multiCluster': 'true' },
      annotations: { 'networking.istio.io/cluster': name },
    },
    type: 'Opaque',
    data: { [name]: base64(kubeconfig) },
  } as const
}
