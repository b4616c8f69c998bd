import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions } from '@pulumi/pulumi'
import { documentOf } from '../iam/document.ts'
import { type AwsScope, named, tags } from '../scope.ts'
import { clusterName } from './names.ts'

/** What AWS says of a machine before, or when, it goes. */
const events = {
  health: { source: 'aws.health', 'detail-type': 'AWS Health Event' },
  spot: { source: 'aws.ec2', 'detail-type': 'EC2 Spot Instance Interruption Warning' },
  rebalance: { source: 'aws.ec2', 'detail-type': 'EC2 Instance Rebalance Recommendation' },
  state: { source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change Notification' },
  reservation: { source: 'aws.ec2', 'detail-type': 'EC2 Capacity Reservation Instance Interruption Warning' },
} as const

/** A queue where Karpenter reads which machines will be taken away, so that it drains them first. Its name is the cluster's. */
export class Interruption extends ComponentResource {
  readonly queue: aws.sqs.Queue

  constructor(name: string, { scope }: { readonly scope: AwsScope }, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Interruption', name, {}, options)
    const inside = { parent: this }
    const label = (what: string) => tags(scope, 'cluster', { Name: named(scope, 'interruption', what) })
    this.queue = new aws.sqs.Queue(
      name,
      {
        name: clusterName(scope),
        sqsManagedSseEnabled: true,
        // What is older says nothing any more: a machine goes two minutes after the warning.
        messageRetentionSeconds: 300,
        tags: label('queue'),
      },
      inside,
    )
    const { queue } = this
    const rules = Object.entries(events).map(([event, { source, 'detail-type': detail }]) => {
      const rule = new aws.cloudwatch.EventRule(
        `${name}-${event}`,
        {
          name: named(scope, 'interruption', event),
          eventPattern: JSON.stringify({ source: [source], 'detail-type': [detail] }),
          tags: label(event),
        },
        inside,
      )
      new aws.cloudwatch.EventTarget(`${name}-${event}`, { rule: rule.name, arn: queue.arn }, inside)
      return rule
    })
    new aws.sqs.QueuePolicy(
      name,
      {
        queueUrl: queue.url,
        policy: documentOf(
          {
            sid: 'Events',
            actions: ['sqs:SendMessage'],
            resources: [queue.arn],
            principals: { Service: ['events.amazonaws.com'] },
            conditions: { ArnEquals: { 'aws:SourceArn': rules.map(({ arn }) => arn) } },
          },
          {
            sid: 'TlsOnly',
            effect: 'Deny',
            actions: ['sqs:*'],
            resources: [queue.arn],
            principals: '*',
            conditions: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ),
      },
      inside,
    )
    this.registerOutputs({ queue: queue.name })
  }
}
