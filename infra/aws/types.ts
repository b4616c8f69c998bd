import type { Output } from '@pulumi/pulumi'

/** What a region's network offers to other components; one subnet of each kind per zone, in the order of the zones. */
export interface INetwork {
  readonly vpcId: Output<string>
  /** The whole network: '10.33.0.0/16'. */
  readonly cidr: string
  /** Machines with a way out through NAT. */
  readonly privateSubnetIds: readonly Output<string>[]
  /** Load balancers and NAT. */
  readonly publicSubnetIds: readonly Output<string>[]
  /** Engines that need nothing outside the region: no way out at all. */
  readonly intraSubnetIds: readonly Output<string>[]
  readonly privateRouteTableIds: readonly Output<string>[]
  readonly intraRouteTableIds: readonly Output<string>[]
}

/** What a region's cluster offers. */
export interface ICluster {
  readonly name: Output<string>
  /** Private: answers inside the network and in those that are joined to it. */
  readonly endpoint: Output<string>
  /** PEM in base64. */
  readonly certificateAuthority: Output<string>
  /** Of the control plane and of every node. */
  readonly securityGroupId: Output<string>
  /** The role of machines that Karpenter starts. */
  readonly nodeRoleName: Output<string>
}

/** What a region's Kafka offers. */
export interface IKafka {
  readonly arn: Output<string>
  /** host:port, host:port; TLS, and IAM for who is who. */
  readonly brokers: Output<string>
  readonly securityGroupId: Output<string>
}

/** What a region's cache offers. */
export interface ICache {
  /** Where writes go; TLS. */
  readonly host: Output<string>
  readonly port: number
  /** Secret. */
  readonly password: Output<string>
}

/** One bucket of a region, by its key in `policies.buckets`. */
export interface IBucket {
  readonly name: Output<string>
  readonly arn: Output<string>
}
