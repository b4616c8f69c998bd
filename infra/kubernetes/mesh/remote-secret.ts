import type { Input } from '@pulumi/pulumi'
import { istioNamespace } from '../operators/istio-names.ts'
import { base64, derive } from '../output-resolver.ts'
import { readerToken } from './between-regions.ts'

/** What a control plane must know to read the addresses of another region's pods. */
export interface RemoteCluster {
  /** `meshNetwork` of the other region, its name: certificates and endpoints carry it. */
  readonly name: string
  /** The other cluster's endpoint: 'https://…'. Private, so the networks must be joined. */
  readonly endpoint: Input<string>
  /** PEM in base64, as EKS gives it. */
  readonly certificateAuthority: Input<string>
  /** `data.token` of the other cluster's Secret `remoteToken`: base64. Secret. */
  readonly token: Input<string>
}

/** Where a cluster keeps the token for the others. It comes from the API server, after Istio's chart has made the account. */
export const remoteToken = { name: readerToken, namespace: istioNamespace } as const

const decoded = (text: string): string => Buffer.from(text, 'base64').toString()

/**
 * The Secret that makes a cluster's control plane watch another one: one for each ordered pair of regions, made in the first by the
 * stack that joins regions. The token is the account's own and reads only; istiod runs no helper programs, so it cannot sign in by IAM.
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
