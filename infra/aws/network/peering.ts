import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from '@pulumi/pulumi'
import { type AwsScope, tags } from '../scope.ts'

/** One end of a connection, as the stack of its region tells it. */
export interface PeeringSide {
  readonly scope: AwsScope
  readonly vpcId: Input<string>
  readonly cidr: Input<string>
  /** Tables whose subnets reach the other end. */
  readonly routeTableIds: readonly Input<string>[]
}

export interface PeeringArgs {
  readonly requester: PeeringSide
  readonly accepter: PeeringSide
}

/**
 * Joins the networks of two regions, with routes both ways. It opens no security group. Throws RangeError for ends that cannot be
 * joined.
 */
export class Peering extends ComponentResource {
  readonly id: Output<string>

  constructor(name: string, { requester, accepter }: PeeringArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Peering', name, {}, options)
    const [from, to] = [requester.scope, accepter.scope]
    if (from.environment !== to.environment)
      throw new RangeError(`${name}: '${from.environment}' and '${to.environment}' are never joined.`)
    if (from.region === to.region) throw new RangeError(`${name}: both ends are in ${from.region}; name two regions.`)
    for (const [end, { routeTableIds }] of Object.entries({ requester, accepter }))
      if (routeTableIds.length === 0)
        throw new RangeError(`${name}: ${end}.routeTableIds is empty, so nothing would find the way.`)

    const label = (scope: AwsScope) =>
      tags(scope, 'network', { Name: `nd-${from.environment}-${from.region}-${to.region}` })
    const connection = new aws.ec2.VpcPeeringConnection(
      name,
      {
        region: from.region,
        vpcId: requester.vpcId,
        peerVpcId: accepter.vpcId,
        peerRegion: to.region,
        autoAccept: false,
        tags: label(from),
      },
      { parent: this },
    )
    const accepted = new aws.ec2.VpcPeeringConnectionAccepter(
      name,
      { region: to.region, vpcPeeringConnectionId: connection.id, autoAccept: true, tags: label(to) },
      { parent: this },
    )
    for (const [own, other] of [
      [requester, accepter],
      [accepter, requester],
    ] as const)
      for (const [i, routeTableId] of own.routeTableIds.entries())
        new aws.ec2.Route(
          `${name}-${own.scope.region}-${i}`,
          {
            region: own.scope.region,
            routeTableId,
            destinationCidrBlock: other.cidr,
            vpcPeeringConnectionId: connection.id,
          },
          { parent: this, dependsOn: [accepted] },
        )
    this.id = connection.id
    this.registerOutputs({ id: this.id })
  }
}
