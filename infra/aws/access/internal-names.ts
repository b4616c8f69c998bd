import { type Input, interpolate } from '@pulumi/pulumi'
import type { InputStatement } from '../iam/document.ts'

/** Who writes the region's internal names: addresses, and the notes by which it knows its own; in that zone alone. */
export function internalNameRights(zoneId: Input<string>): readonly InputStatement[] {
  const zone = interpolate`arn:aws:route53:::hostedzone/${zoneId}`
  return [
    { sid: 'FindZones', actions: ['route53:ListHostedZones'], resources: ['*'] },
    { sid: 'Read', actions: ['route53:ListResourceRecordSets'], resources: [zone] },
    {
      sid: 'Write',
      actions: ['route53:ChangeResourceRecordSets'],
      resources: [zone],
      conditions: {
        'ForAllValues:StringEquals': { 'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'AAAA', 'TXT'] },
      },
    },
  ]
}
