import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from '@pulumi/pulumi'
import type { Policies } from '../../../policies/bundle.ts'
import { readyPath } from '../../../policies/model/service.ts'
import { type AwsScope, tags } from '../scope.ts'
import { entryHost, publicEntries } from './entries.ts'

export interface FailoverArgs {
  /** Of every region of the environment, the primary first. */
  readonly scopes: readonly [AwsScope, ...AwsScope[]]
  readonly zoneId: Input<string>
  /** A region that answers in the primary's place, as long as a person says so. Default: none. */
  readonly standIn?: string | undefined
}

/** Seconds that a caller may keep an answer, and between two looks at a region, and how many bad ones make it ill. */
const ttl = 30
const interval = 30
const threshold = 3

/**
 * The regions that answer for an environment's names, the first while it is well: primary, then secondary. DR is not among them by itself:
 * it is behind, and only a person can judge whether what it has not got yet may be given up. `standIn` puts a region in the primary's place.
 */
export function answering(
  { environments, regions }: Policies,
  environment: string,
  standIn?: string,
): readonly [string] | readonly [string, string] {
  const own = environments[environment]?.regions ?? []
  const of = (role: 'primary' | 'secondary') => own.find((region) => regions[region]?.role === role)
  if (standIn !== undefined && !own.includes(standIn))
    throw new RangeError(`standIn (${standIn}) must be a region of ${environment}: ${own.join(', ')}.`)
  const first = standIn ?? of('primary')
  if (!first) throw new RangeError(`'${environment}' has no primary region to answer.`)
  const second = standIn === of('secondary') ? undefined : of('secondary')
  return second ? [first, second] : [first]
}

/** The public names of the entries: each leads to the first region that is well. Every region is looked at, so that one knows of DR too. */
export class Failover extends ComponentResource {
  /** 'event-collector.us-east-1.neurodefender.example' → id. */
  readonly healthChecks: Readonly<Record<string, Output<string>>>

  constructor(name: string, args: FailoverArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Failover', name, {}, options)
    const { scopes, zoneId, standIn } = args
    const [{ environment, policies, cloud }] = scopes
    const order = answering(policies, environment, standIn)
    const own = { parent: this }
    const checks = publicEntries(policies).flatMap((service) =>
      scopes.map((scope) => {
        const fqdn = entryHost(cloud.domain, service, scope.region)
        const check = new aws.route53.HealthCheck(
          `nd-${environment}-${scope.region}-${service}`,
          {
            type: 'HTTPS',
            fqdn,
            port: 443,
            resourcePath: readyPath,
            requestInterval: interval,
            failureThreshold: threshold,
            tags: tags(scope, 'global', { Name: fqdn }),
          },
          own,
        )
        return { service, region: scope.region, fqdn, id: check.id }
      }),
    )
    for (const { service, region, fqdn, id } of checks) {
      const place = (order as readonly string[]).indexOf(region)
      if (place < 0) continue
      const type = place === 0 ? 'PRIMARY' : 'SECONDARY'
      new aws.route53.Record(
        `nd-${environment}-${service}-${type.toLowerCase()}`,
        {
          zoneId,
          name: entryHost(cloud.domain, service),
          type: 'CNAME',
          ttl,
          records: [fqdn],
          setIdentifier: type.toLowerCase(),
          failoverRoutingPolicies: [{ type }],
          healthCheckId: id,
        },
        own,
      )
    }
    this.healthChecks = Object.fromEntries(checks.map(({ fqdn, id }) => [fqdn, id]))
    this.registerOutputs({ healthChecks: this.healthChecks })
  }
}
