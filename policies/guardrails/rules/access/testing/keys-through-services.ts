import { unknown } from '../../../model/resource.ts'
import { cloud, type Fixture } from '../../../testing/fixture.ts'

const policy = (Action: string | readonly string[], Resource: string, more: object = {}) => [
  cloud('iam/rolePolicy:RolePolicy', 'work', {
    policy: JSON.stringify({ Statement: { Effect: 'Allow', Action, Resource, ...more } }),
  }),
]
const keys = 'arn:aws:kms:us-east-1:123456789012:key/*'

export const fixture: Fixture = {
  good: [
    policy('kms:Decrypt', keys, { Condition: { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } } }),
    policy('kms:Decrypt', keys, {
      Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/nd-prod-pulumi' } },
    }),
    policy('kms:CreateGrant', '*', { Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } } }),
    policy('kms:Decrypt', 'arn:aws:kms:us-east-1:123456789012:key/0000'),
    policy(['kms:DescribeKey', 's3:GetObject'], '*'),
    policy('kms:Decrypt', '*', { Effect: 'Deny' }),
    [cloud('iam/rolePolicy:RolePolicy', 'work', { policy: unknown })],
  ],
  bad: [
    {
      resources: policy(['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey*'], '*', {
        Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } },
      }),
      says: ["kms:Decrypt, kms:GenerateDataKey* with any key should need 'kms:ViaService'."],
    },
    {
      resources: policy('kms:CreateGrant', keys),
      says: ["kms:CreateGrant with any key should need 'kms:ViaService'."],
    },
  ],
}
