import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from '@pulumi/pulumi'
import { type AwsScope, named, tags } from '../scope.ts'
import type { INetwork } from '../types.ts'
import { addresses } from './addresses.ts'
import { Endpoints } from './endpoints.ts'
import { FlowLogs } from './flow-logs.ts'
import { Nat } from './nat.ts'
import { Zone } from './zone.ts'

export interface NetworkArgs {
  readonly scope: AwsScope
  /** The key of the region's logs (`LogKey`). */
  readonly logKeyArn: Input<string>
}

/** A region's network over three zones. Throws RangeError when the policies give it no addresses. */
export class Network extends ComponentResource implements INetwork {
  readonly vpcId: Output<string>
  readonly cidr: string
  readonly privateSubnetIds: readonly Output<string>[]
  readonly publicSubnetIds: readonly Output<string>[]
  readonly intraSubnetIds: readonly Output<string>[]
  readonly privateRouteTableIds: readonly Output<string>[]
  readonly intraRouteTableIds: readonly Output<string>[]

  constructor(name: string, { scope, logKeyArn }: NetworkArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Network', name, {}, options)
    const { network, zones } = addresses(scope)
    const inside = { parent: this }
    const label = (...what: string[]) => tags(scope, 'network', { Name: named(scope, ...what) })

    const vpc = new aws.ec2.Vpc(
      name,
      { cidrBlock: network, enableDnsSupport: true, enableDnsHostnames: true, tags: label('network') },
      inside,
    )
    const vpcId = vpc.id
    // What nobody chose for a machine must let nothing through.
    new aws.ec2.DefaultSecurityGroup(name, { vpcId, ingress: [], egress: [], tags: label('unused') }, inside)
    new aws.ec2.DefaultRouteTable(
      name,
      { defaultRouteTableId: vpc.defaultRouteTableId, routes: [], tags: label('unused') },
      inside,
    )
    const internetGateway = new aws.ec2.InternetGateway(name, { vpcId, tags: label('internet') }, inside)
    const publicRoutes = new aws.ec2.RouteTable(`${name}-public`, { vpcId, tags: label('public') }, inside)
    new aws.ec2.Route(
      `${name}-public`,
      { routeTableId: publicRoutes.id, destinationCidrBlock: '0.0.0.0/0', gatewayId: internetGateway.id },
      inside,
    )
    const intraRoutes = new aws.ec2.RouteTable(`${name}-intra`, { vpcId, tags: label('intra') }, inside)
    const [first, ...others] = zones.map(
      (zone) =>
        new Zone(
          `${name}-${zone.zone.slice(-1)}`,
          {
            scope,
            vpcId,
            addresses: zone,
            publicRouteTableId: publicRoutes.id,
            intraRouteTableId: intraRoutes.id,
          },
          inside,
        ),
    )
    if (!first) throw new RangeError(`regions.${scope.region}.cloud.zones is empty: a network needs a zone.`)
    const all = [first, ...others] as const
    new Nat(`${name}-nat`, { scope, zones: all, internetGateway }, inside)
    new FlowLogs(`${name}-flow-logs`, { scope, vpcId, logKeyArn }, inside)

    this.vpcId = vpcId
    this.cidr = network
    this.privateSubnetIds = all.map((zone) => zone.private.id)
    this.publicSubnetIds = all.map((zone) => zone.public.id)
    this.intraSubnetIds = all.map((zone) => zone.intra.id)
    this.privateRouteTableIds = all.map((zone) => zone.privateRoutes.id)
    this.intraRouteTableIds = [intraRoutes.id]
    new Endpoints(
      `${name}-endpoints`,
      {
        scope,
        vpcId,
        cidr: network,
        subnetIds: this.intraSubnetIds,
        routeTableIds: [...this.privateRouteTableIds, ...this.intraRouteTableIds],
      },
      inside,
    )
    this.registerOutputs({ vpcId, cidr: network })
  }
}
