import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input } from '@pulumi/pulumi'
import { type AwsScope, named } from '../scope.ts'
import { entryHost, publicEntries } from './entries.ts'

export interface RegionalNamesArgs {
  readonly scope: AwsScope
  /** The environment's public zone. */
  readonly zoneId: Input<string>
  /** Name of the region's load balancer for callers from outside. */
  readonly loadBalancer: Input<string>
}

/** Seconds that others keep an answer: a load balancer that was made anew has another name. */
const ttl = 60

/**
 * A region's own public names: each entry of the service graph leads to the region's load balancer. `Failover` chooses among them. They
 * are of the region's stack, so no pod has a right to the public zone.
 */
export class RegionalNames extends ComponentResource {
  constructor(name: string, args: RegionalNamesArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:RegionalNames', name, {}, options)
    const { scope, zoneId, loadBalancer } = args
    for (const service of publicEntries(scope.policies))
      new aws.route53.Record(
        named(scope, service),
        {
          zoneId,
          name: entryHost(scope.cloud.domain, service, scope.region),
          type: 'CNAME',
          ttl,
          records: [loadBalancer],
        },
        { parent: this },
      )
    this.registerOutputs()
  }
}
