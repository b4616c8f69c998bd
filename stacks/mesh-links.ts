import kubernetes from '@pulumi/kubernetes'
import { ComponentResource, type ComponentResourceOptions, output, type Resource, secret } from '@pulumi/pulumi'
import { kubeconfigOf } from '../infra/aws/cluster/kubeconfig.ts'
import { readerToken, remoteSecret } from '../infra/kubernetes/index.ts'

/** A region's cluster, as its stack declared it. */
export interface LinkedCluster {
  /** The name of its network in the mesh. */
  readonly region: string
  readonly name: string
  readonly endpoint: string
  /** PEM in base64. */
  readonly certificateAuthority: string
  /** Port of this machine where a tunnel to the endpoint ends. Default: none, the caller is in a joined network. */
  readonly tunnel?: number
}

export interface MeshLinksArgs {
  readonly clusters: readonly LinkedCluster[]
  /** What leads to the clusters' endpoints. */
  readonly after: readonly Resource[]
}

/**
 * Makes one mesh of the regions: every control plane is told how to read every other cluster's addresses. The token that it does so with
 * is read where it is, and stands in the other cluster and, encrypted, in the state.
 */
export class MeshLinks extends ComponentResource {
  constructor(name: string, { clusters, after }: MeshLinksArgs, options?: ComponentResourceOptions) {
    super('neurodefender:stacks:MeshLinks', name, {}, options)
    const { metadata } = readerToken
    const ends = clusters.map((cluster) => {
      const { region, tunnel } = cluster
      const of = {
        name: output(cluster.name),
        endpoint: output(cluster.endpoint),
        certificateAuthority: output(cluster.certificateAuthority),
      }
      const provider = new kubernetes.Provider(
        `cluster-${region}`,
        {
          kubeconfig: kubeconfigOf({ cluster: of, region, ...(tunnel === undefined ? {} : { tunnel }) }),
          clusterIdentifier: cluster.name,
        },
        { parent: this, dependsOn: [...after] },
      )
      const { data } = kubernetes.core.v1.Secret.get(
        `mesh-reader-token-${region}`,
        `${metadata.namespace}/${metadata.name}`,
        { parent: this, provider },
      )
      return { ...cluster, provider, token: secret(data.apply(({ token }) => tokenOf(region, token))) }
    })
    for (const { region, provider } of ends)
      for (const other of ends)
        if (other.region !== region)
          new kubernetes.core.v1.Secret(
            `mesh-${region}-reads-${other.region}`,
            remoteSecret({
              name: other.region,
              endpoint: other.endpoint,
              certificateAuthority: other.certificateAuthority,
              token: other.token,
            }),
            { parent: this, provider },
          )
    this.registerOutputs()
  }
}

/** A cluster fills the Secret a moment after it was made. */
function tokenOf(region: string, token: string | undefined): string {
  if (token) return token
  throw new Error(`The cluster of '${region}' has put no token into ${readerToken.metadata.name} yet: try again.`)
}
