import { unknown } from '../../../model/resource.ts'
import { cloud, type Fixture } from '../../../testing/fixture.ts'

const policy = (Action: string | readonly string[], Resource: string, Effect = 'Allow') => [
  cloud('iam/rolePolicy:RolePolicy', 'work', { policy: JSON.stringify({ Statement: { Effect, Action, Resource } }) }),
]
const inline = cloud('iam/role:Role', 'work', {
  inlinePolicies: [
    { policy: JSON.stringify({ Statement: [{ Effect: 'Allow', Action: ['iam:*'], Resource: ['*'] }] }) },
  ],
})

export const fixture: Fixture = {
  good: [
    policy('s3:GetObject', '*'),
    policy('s3:*', 'arn:aws:s3:::cold/*'),
    policy('*', '*', 'Deny'),
    [cloud('iam/rolePolicy:RolePolicy', 'work', { policy: unknown })],
    [cloud('kms/key:Key', 'data', { policy: JSON.stringify({ Statement: { Action: 'kms:*', Resource: '*' } }) })],
  ],
  bad: [
    { resources: policy('*', '*'), says: ['* should not be allowed on every resource.'] },
    { resources: policy(['s3:Get*', 'ec2:*'], '*'), says: ['ec2:* should not be allowed on every resource.'] },
    { resources: [inline], says: ['iam:* should not be allowed on every resource.'] },
    {
      resources: [
        cloud('iam/rolePolicyAttachment:RolePolicyAttachment', 'all', {
          policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
        }),
      ],
      says: ['AdministratorAccess should not be attached: it allows everything.'],
    },
  ],
}
