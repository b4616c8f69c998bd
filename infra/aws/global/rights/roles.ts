import { interpolate } from '@pulumi/pulumi'
import { boundaryArn } from '../../iam/boundary.ts'
import type { InputStatement } from '../../iam/document.ts'
import type { Reach } from './reach.ts'

/** To make roles under the reach's names, and to hand them to services of AWS. */
export const roles = ({ accountId, environment, prefix }: Reach): readonly InputStatement[] => {
  const ours = ['role', 'policy', 'instance-profile'].map(
    (kind) => interpolate`arn:aws:iam::${accountId}:${kind}/${prefix}-*`,
  )
  return [
    {
      sid: 'ReadIam',
      actions: ['iam:Get*', 'iam:List*'],
      resources: ['*'],
      reason: 'Reading tells names, not secrets.',
    },
    {
      sid: 'OwnIam',
      actions: [
        'AddRoleToInstanceProfile',
        'CreateInstanceProfile',
        'CreatePolicy',
        'CreatePolicyVersion',
        'DeleteInstanceProfile',
        'DeletePolicy',
        'DeletePolicyVersion',
        'DeleteRole',
        'DeleteRolePolicy',
        'DetachRolePolicy',
        'RemoveRoleFromInstanceProfile',
        'TagInstanceProfile',
        'TagPolicy',
        'TagRole',
        'UntagRole',
        'UpdateAssumeRolePolicy',
        'UpdateRole',
      ].map((action) => `iam:${action}`),
      resources: ours,
    },
    // A role can do no more than the boundary, whoever gives it what: nobody lends himself more by a role that he makes.
    {
      sid: 'BoundedRoles',
      actions: ['AttachRolePolicy', 'CreateRole', 'PutRolePermissionsBoundary', 'PutRolePolicy'].map(
        (action) => `iam:${action}`,
      ),
      resources: [interpolate`arn:aws:iam::${accountId}:role/${prefix}-*`],
      conditions: { StringEquals: { 'iam:PermissionsBoundary': boundaryArn(environment, accountId) } },
    },
    {
      sid: 'HandRoles',
      actions: ['iam:PassRole'],
      resources: ours,
      conditions: {
        StringEquals: {
          'iam:PassedToService': [
            'codebuild.amazonaws.com',
            'ec2.amazonaws.com',
            'ecr.amazonaws.com',
            'eks.amazonaws.com',
            'kafka.amazonaws.com',
            'pods.eks.amazonaws.com',
            's3.amazonaws.com',
            'vpc-flow-logs.amazonaws.com',
          ],
        },
      },
    },
    {
      sid: 'RolesOfServices',
      actions: ['iam:CreateServiceLinkedRole'],
      resources: [interpolate`arn:aws:iam::${accountId}:role/aws-service-role/*`],
    },
  ]
}
