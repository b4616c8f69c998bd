import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from '@pulumi/pulumi'
import { type AwsScope, named, tags } from '../scope.ts'

export interface InternalZoneArgs {
  readonly scope: AwsScope
  /** 'us-east-1.internal.neurodefender.example' */
  readonly domain: string
  readonly vpcId: Input<string>
}

/**
 * The names of a region's pods that other regions ask for, in a zone that only networks see: the region's own from the beginning, the
 * others' by `InternalNames`. Its records are made in the cluster, and made again when they are gone.
 */
export class InternalZone extends ComponentResource {
  readonly zoneId: Output<string>

  constructor(name: string, { scope, domain, vpcId }: InternalZoneArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:InternalZone', name, {}, options)
    const zone = new aws.route53.Zone(
      name,
      {
        name: domain,
        comment: `Internal names of ${scope.environment} in ${scope.region}`,
        vpcs: [{ vpcId, vpcRegion: scope.region }],
        forceDestroy: true,
        tags: tags(scope, 'network', { Name: named(scope, 'internal') }),
      },
      // The networks of the other regions are joined to it elsewhere.
      { parent: this, ignoreChanges: ['vpcs'] },
    )
    this.zoneId = zone.zoneId
    this.registerOutputs({ zoneId: this.zoneId })
  }
}

export interface InternalNamesArgs {
  /** By region. */
  readonly zones: readonly { readonly region: string; readonly zoneId: Input<string>; readonly vpcId: Input<string> }[]
}

/** Lets every region of an environment read the internal names of every other. */
export class InternalNames extends ComponentResource {
  constructor(name: string, { zones }: InternalNamesArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:InternalNames', name, {}, options)
    for (const { region: of, zoneId } of zones)
      for (const { region, vpcId } of zones)
        if (region !== of)
          new aws.route53.ZoneAssociation(
            `${name}-${of}-in-${region}`,
            { zoneId, vpcId, vpcRegion: region },
            { parent: this },
          )
    this.registerOutputs()
  }
}
