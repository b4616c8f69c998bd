import type { Input } from '@pulumi/pulumi'
import type { Policies } from '../../policies/bundle.ts'
import type { EnvironmentName } from '../../policies/environments.ts'
import type { EnvironmentPolicy } from '../../policies/model/environment.ts'
import type { RegionName } from '../../policies/regions.ts'
import type { ServiceName } from '../../policies/services.ts'

/** A cluster of AWS, where Kafka and the cache are services of the cloud. */
export interface ManagedCluster {
  readonly kind: 'managed'
  readonly storageClass: string
  /** Its name in AWS. */
  readonly name: Input<string>
  /** Addresses of the region's network, and of the networks that are joined to it: '10.33.0.0/16'. */
  readonly network: string
  readonly peers: readonly string[]
  /** Where Kafka answers: host:port, host:port. Callers are who their pod's role says. */
  readonly kafka: Input<string>
  /** Where the cache answers: host and port; TLS. */
  readonly cache: { readonly host: Input<string>; readonly port: number }
  /** The role that Karpenter gives its machines. */
  readonly nodeRole: Input<string>
  /** ARN of the authority that signs every certificate of the environment, and the region that it is in. */
  readonly authority: { readonly arn: Input<string>; readonly region: string }
  /** What stands before the gateway for callers from outside. Default: none, and nobody outside reaches the region. */
  readonly entry?: {
    /** ARN of the certificate (ACM) for the public names. */
    readonly certificate: Input<string>
    /** ARN of the rules (WAF, regional) that a request passes first. */
    readonly webAcl: Input<string>
  }
  /** Bucket for the hot tier's backups. Default: none, and no `BACKUP` to S3. */
  readonly backups?: Input<string>
  /** Bucket of the models that are served. Default: none, and no model from S3. */
  readonly models?: Input<string>
}

/** The one-node region on a developer's machine: it has no load balancer, no volume driver and no name server of its own. */
export interface EmbeddedCluster {
  readonly kind: 'embedded'
  readonly nodeName: string
  readonly nodeAddress: string
  /** The cluster address that the kubelet hands to pods as their name server. */
  readonly dnsAddress: string
  /** Folder of the node that holds `<service>-<ordinal>` for every pod that keeps data. */
  readonly volumes: string
  /** What the mesh of the profile `full` needs. Default: none, and the region has no mesh. */
  readonly mesh?: LocalMesh
  /** What the autoscaler of the profile `full` needs. Default: none, and nobody changes replicas. */
  readonly keda?: LocalKeda
}

/** A definition of a kind of others, as their own release has it. */
export interface Definition {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly [field: string]: unknown }
  readonly spec: Readonly<Record<string, unknown>>
}

export interface LocalMesh {
  readonly definitions: readonly Definition[]
  /** Of the control plane, and of the gateway's pods, who show it to the control plane and to callers. */
  readonly certificates: Readonly<Record<'control' | 'gateway', Certificate>>
}

export interface LocalKeda {
  readonly definitions: readonly Definition[]
  /** Of the operator, and of the adapter, which the API server asks. */
  readonly certificates: Readonly<Record<'operator' | 'adapter', Certificate>>
}

/** What kind of cluster the charts are for. */
export type Cluster = EmbeddedCluster | ManagedCluster

/** A certificate with its key, PEM; the key in PKCS#8. */
export interface Certificate {
  readonly certificate: Input<string>
  readonly key: Input<string>
}

/** Values that must never stand in a chart, a message or a plain state. */
export interface SecretInputs {
  /** The authority that every workload of the region trusts, PEM. */
  readonly authority: Input<string>
  /** Needed in an embedded cluster alone: in a cloud every pod's certificate is made where it is used, and no key comes through here. */
  readonly certificates?: Readonly<Partial<Record<ServiceName, Certificate>>>
  /** ClickHouse user → password. `replica` is how replicas of all regions know each other, and needed in a cloud alone. */
  readonly clickhouse: Readonly<Record<'sink' | 'analytics', Input<string>>> & { readonly replica?: Input<string> }
  readonly redis: Input<string>
  /** bcrypt of the password of Prometheus' one user. */
  readonly prometheusBcrypt: Input<string>
  /** The password itself, with which an autoscaler and the operator of models ask. Needed where there is one. */
  readonly prometheus?: Input<string>
  /** Content of tenants.json: hashed tokens of tenants and operators, home regions, quotas. */
  readonly tenants: Input<string>
  /** Content of operators.json: hashed tokens of those who may look at and change the shard map. */
  readonly operators: Input<string>
}

/** All that a chart needs beyond the policies. */
export interface ChartContext {
  readonly region: RegionName
  /** Domain of the cluster's names. */
  readonly domain: string
  readonly cluster: Cluster
  /** Image name → reference by digest. */
  readonly images: Readonly<Record<string, string>>
  readonly secrets: SecretInputs
}

/** What every chart is a function of. */
export interface ChartScope {
  readonly environment: EnvironmentName
  readonly policies: Policies
  /** policies.environments[environment] */
  readonly policy: EnvironmentPolicy
  readonly context: ChartContext
}

export function chartScope(environment: EnvironmentName, context: ChartContext, policies: Policies): ChartScope {
  const policy = policies.environments[environment]
  if (!policy) throw new RangeError(`There is no environment '${environment}'.`)
  return { environment, policies, policy, context }
}
