import { interpolate } from '@pulumi/pulumi'
import type { InputStatement } from '../../iam/document.ts'
import { bucketsStay, endsData, staysSmall } from './limits.ts'
import { type Facts, stateBucket, stateKeyAlias } from './state.ts'

/** Services that roles of the platform work with; what each role does there, its own policies say. */
const services = [
  'acm',
  'acm-pca',
  'arc-zonal-shift',
  'autoscaling',
  'cloudwatch',
  'codebuild',
  'codeconnections',
  'ec2',
  'ec2messages',
  'ecr',
  'eks',
  'eks-auth',
  'elasticloadbalancing',
  'kafka',
  'kafka-cluster',
  'kms',
  'logs',
  'pricing',
  'route53',
  's3',
  'sqs',
  'ssm',
  'ssmmessages',
  'wafv2',
  'xray',
]

/** What a role that CI makes can do at most: no role of IAM made or changed, none taken, no state of Pulumi, no end of data. */
export const boundaryRights = (facts: Facts): readonly InputStatement[] => {
  const { primary, accountId } = facts
  const { environment } = primary
  const bucket = interpolate`arn:aws:s3:::${stateBucket(environment, accountId)}`
  return [
    {
      sid: 'AtMost',
      actions: services.map((service) => `${service}:*`),
      resources: ['*'],
      reason: 'A boundary gives nothing: it bounds what the policies of a role give.',
    },
    {
      sid: 'Machines',
      actions: [
        'AddRoleToInstanceProfile',
        'CreateInstanceProfile',
        'DeleteInstanceProfile',
        'RemoveRoleFromInstanceProfile',
        'TagInstanceProfile',
      ].map((action) => `iam:${action}`),
      resources: [interpolate`arn:aws:iam::${accountId}:instance-profile/*`],
    },
    {
      sid: 'ReadMachines',
      actions: ['iam:GetInstanceProfile', 'iam:ListInstanceProfiles'],
      resources: ['*'],
    },
    {
      sid: 'HandToMachines',
      actions: ['iam:PassRole'],
      resources: [interpolate`arn:aws:iam::${accountId}:role/nd-${environment}-*`],
      conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    },
    {
      sid: 'RolesOfServices',
      actions: ['iam:CreateServiceLinkedRole'],
      resources: [interpolate`arn:aws:iam::${accountId}:role/aws-service-role/*`],
    },
    { sid: 'NoState', effect: 'Deny', actions: ['s3:*'], resources: [bucket, interpolate`${bucket}/*`] },
    {
      sid: 'NoStateKey',
      effect: 'Deny',
      actions: ['kms:*'],
      resources: ['*'],
      conditions: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': stateKeyAlias(environment) } },
    },
    endsData,
    bucketsStay,
    staysSmall(facts),
  ]
}
