import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input } from '@pulumi/pulumi'
import { discoveryTag } from '../cluster/names.ts'
import { type AwsScope, named, tags } from '../scope.ts'
import type { ZoneAddresses } from './addresses.ts'

export interface ZoneArgs {
  readonly scope: AwsScope
  readonly vpcId: Input<string>
  readonly addresses: ZoneAddresses
  /** Of all public subnets, and of all that have no way out. */
  readonly publicRouteTableId: Input<string>
  readonly intraRouteTableId: Input<string>
}

/** The subnets of one zone, and the routes of its private one: those alone differ by zone. */
export class Zone extends ComponentResource {
  readonly private: aws.ec2.Subnet
  readonly public: aws.ec2.Subnet
  readonly intra: aws.ec2.Subnet
  readonly privateRoutes: aws.ec2.RouteTable

  constructor(name: string, args: ZoneArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Zone', name, {}, options)
    const { scope, vpcId, addresses } = args
    const inside = { parent: this }
    const letter = addresses.zone.slice(-1)
    const label = (kind: string, more = {}) => tags(scope, 'network', { Name: named(scope, kind, letter), ...more })
    const subnet = (kind: 'private' | 'public' | 'intra', more?: Record<string, string>) =>
      new aws.ec2.Subnet(
        `${name}-${kind}`,
        {
          vpcId,
          availabilityZone: addresses.zone,
          cidrBlock: addresses[kind],
          mapPublicIpOnLaunch: false,
          tags: label(kind, more),
        },
        inside,
      )
    this.private = subnet('private', { 'kubernetes.io/role/internal-elb': '1', ...discoveryTag(scope) })
    this.public = subnet('public', { 'kubernetes.io/role/elb': '1' })
    this.intra = subnet('intra')
    this.privateRoutes = new aws.ec2.RouteTable(`${name}-private`, { vpcId, tags: label('private') }, inside)
    const tables = {
      private: this.privateRoutes.id,
      public: args.publicRouteTableId,
      intra: args.intraRouteTableId,
    } as const
    for (const kind of ['private', 'public', 'intra'] as const)
      new aws.ec2.RouteTableAssociation(
        `${name}-${kind}`,
        { subnetId: this[kind].id, routeTableId: tables[kind] },
        inside,
      )
    this.registerOutputs()
  }
}
