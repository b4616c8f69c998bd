import { type Input, interpolate } from '@pulumi/pulumi'
import type { InputStatement } from './document.ts'

/** The statement without which nobody could change a key any more: the account's own policies say who may use it. */
export const accountOwnsKey = (accountId: Input<string>): InputStatement => ({
  sid: 'AccountOwnsKey',
  actions: ['kms:*'],
  resources: ['*'],
  principals: { AWS: [interpolate`arn:aws:iam::${accountId}:root`] },
  reason: 'In the policy of a key * is that key, and IAM of the account decides who uses it.',
})
