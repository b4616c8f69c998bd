import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from '@pulumi/pulumi'
import { rowOf } from '../../../policies/model/scaling.ts'
import { seconds } from '../../../policies/model/units.ts'
import { logGroup } from '../logs/log-group.ts'
import { type AwsScope, named, tags } from '../scope.ts'
import { entryHost, publicEntries } from './entries.ts'

export interface FirewallArgs {
  readonly scope: AwsScope
  /** ARN of a key of the region that logs may be encrypted with. */
  readonly logKeyArn: Input<string>
}

/** Over which time WAF counts the requests of one address. */
const window = '5m'

/**
 * Rules of others, and those of them that only count. What is sent to us is what attackers wrote: a body with an attack in it is the very
 * thing that a tenant wants to keep or to look for. Bodies are bounded and parsed by the services themselves.
 */
const managed = [
  { name: 'AWSManagedRulesAmazonIpReputationList', counted: [] },
  {
    name: 'AWSManagedRulesCommonRuleSet',
    counted: [
      'NoUserAgent_HEADER',
      'SizeRestrictions_BODY',
      'CrossSiteScripting_BODY',
      'EC2MetaDataSSRF_BODY',
      'GenericLFI_BODY',
      'GenericRFI_BODY',
    ],
  },
  {
    name: 'AWSManagedRulesKnownBadInputsRuleSet',
    counted: ['JavaDeserializationRCE_BODY', 'Log4JRCE_BODY', 'ReactJSRCE_BODY'],
  },
] as const

/** Requests that one address may send an entry within the window: as many as one pod is made for. */
function rateLimit({ policies }: AwsScope, service: string): number {
  const qps = policies.scaling[rowOf(service)]?.metrics.find(({ name }) => name === 'qps')
  if (!qps)
    throw new RangeError(
      `'${service}' is open to the internet and must scale by 'qps': its rate has no limit otherwise.`,
    )
  return qps.threshold * seconds(window)
}

const visible = (metricName: string) => ({
  metricName,
  cloudwatchMetricsEnabled: true,
  sampledRequestsEnabled: true,
})

/** What stands before the load balancers of a region. Throws RangeError for an entry without a limit. */
export class Firewall extends ComponentResource {
  readonly arn: Output<string>

  constructor(name: string, { scope, logKeyArn }: FirewallArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Firewall', name, {}, options)
    const entries = publicEntries(scope.policies)
    const limits = entries.map((service) => ({ service, limit: rateLimit(scope, service) }))
    const id = named(scope, 'firewall')
    const own = { parent: this }
    const there = { region: scope.region }
    const acl = new aws.wafv2.WebAcl(
      id,
      {
        name: id,
        description: `Before the entries of ${scope.region}`,
        scope: 'REGIONAL',
        defaultAction: { allow: {} },
        rules: [
          ...limits.map(({ service, limit }, i) => ({
            name: `rate-${service}`,
            priority: i,
            action: { block: {} },
            statement: {
              rateBasedStatement: {
                aggregateKeyType: 'IP',
                evaluationWindowSec: seconds(window),
                limit,
                scopeDownStatement: {
                  byteMatchStatement: {
                    fieldToMatch: { singleHeader: { name: 'host' } },
                    positionalConstraint: 'STARTS_WITH',
                    searchString: entryHost('', service),
                    textTransformations: [{ priority: 0, type: 'LOWERCASE' }],
                  },
                },
              },
            },
            visibilityConfig: visible(`rate-${service}`),
          })),
          ...managed.map(({ name, counted }, i) => ({
            name,
            priority: limits.length + i,
            overrideAction: { none: {} },
            statement: {
              managedRuleGroupStatement: {
                vendorName: 'AWS',
                name,
                ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
              },
            },
            visibilityConfig: visible(name),
          })),
        ],
        visibilityConfig: visible(id),
        ...there,
        tags: tags(scope, 'global'),
      },
      own,
    )
    const logs = logGroup(
      id,
      // WAF takes no other beginning.
      { scope, component: 'global', path: `aws-waf-logs-${id}`, keyArn: logKeyArn, ...there },
      own,
    )
    new aws.wafv2.WebAclLoggingConfiguration(
      id,
      {
        resourceArn: acl.arn,
        logDestinationConfigs: [logs.arn],
        redactedFields: [{ singleHeader: { name: 'authorization' } }],
        ...there,
      },
      own,
    )
    this.arn = acl.arn
    this.registerOutputs({ arn: this.arn })
  }
}
