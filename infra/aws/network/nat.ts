import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Resource } from '@pulumi/pulumi'
import { type AwsScope, named, tags } from '../scope.ts'
import type { Zone } from './zone.ts'

export interface NatArgs {
  readonly scope: AwsScope
  readonly zones: readonly [Zone, ...Zone[]]
  /** Without it an address of NAT leads nowhere. */
  readonly internetGateway: Resource
}

/** The way out for the private subnets: one for all zones, or one in each so that no zone hangs on another. */
export class Nat extends ComponentResource {
  constructor(name: string, { scope, zones, internetGateway }: NatArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Nat', name, {}, options)
    const letters = scope.here.cloud.zones
    const gateway = (zone: Zone, letter: string) => {
      const label = tags(scope, 'network', { Name: named(scope, 'nat', letter) })
      const address = new aws.ec2.Eip(
        `${name}-${letter}`,
        { domain: 'vpc', tags: label },
        { parent: this, dependsOn: [internetGateway] },
      )
      return new aws.ec2.NatGateway(
        `${name}-${letter}`,
        { subnetId: zone.public.id, allocationId: address.id, tags: label },
        { parent: this, dependsOn: [internetGateway] },
      )
    }
    const first = gateway(zones[0], letters[0])
    for (const [i, zone] of zones.entries()) {
      const letter = letters[i] ?? ''
      const way = i === 0 || scope.cloud.nat === 'one' ? first : gateway(zone, letter)
      new aws.ec2.Route(
        `${name}-${letter}`,
        { routeTableId: zone.privateRoutes.id, destinationCidrBlock: '0.0.0.0/0', natGatewayId: way.id },
        { parent: this },
      )
    }
    this.registerOutputs()
  }
}
