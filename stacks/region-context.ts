import type { Input } from '@pulumi/pulumi'
import { addresses, peerNetworks } from '../infra/aws/network/addresses.ts'
import type { AwsScope } from '../infra/aws/scope.ts'
import type { ChartContext, SecretInputs } from '../infra/kubernetes/index.ts'
import type { RegionName } from '../policies/regions.ts'

/** What the charts of a region's two stacks need to know of it, made by one and read by the other. */
export interface RegionFacts {
  readonly clusterName: Input<string>
  readonly nodeRole: Input<string>
  readonly kafkaBrokers: Input<string>
  readonly cacheHost: Input<string>
  readonly authority: { readonly arn: Input<string>; readonly region: string }
  /** What the load balancer for callers from outside shows, and asks first. */
  readonly entry: { readonly certificate: Input<string>; readonly webAcl: Input<string> }
  /** Bucket of the hot tier's backups. */
  readonly backups: Input<string>
  /** Bucket of the models. */
  readonly models: Input<string>
  readonly images: Readonly<Record<string, string>>
  readonly secrets: SecretInputs
}

/** The context of a region of AWS. */
export function regionContext(scope: AwsScope, facts: RegionFacts): ChartContext {
  const { redis } = scope.policies.services
  return {
    region: scope.region as RegionName,
    domain: 'cluster.local',
    cluster: {
      kind: 'managed',
      storageClass: 'gp3',
      name: facts.clusterName,
      network: addresses(scope).network,
      peers: peerNetworks(scope),
      kafka: facts.kafkaBrokers,
      cache: { host: facts.cacheHost, port: redis!.ports.redis! },
      nodeRole: facts.nodeRole,
      authority: facts.authority,
      entry: facts.entry,
      backups: facts.backups,
      models: facts.models,
    },
    images: facts.images,
    secrets: facts.secrets,
  }
}
