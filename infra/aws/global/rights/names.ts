import type { InputStatement } from '../../iam/document.ts'
import type { AwsScope } from '../../scope.ts'
import { byId, type Reach } from './reach.ts'

/** To make a region's internal zone, and to write records of the region's own names: no name of the environment, nor of another region. */
export const regionNames = ({ region, cloud }: AwsScope, reach: Reach): readonly InputStatement[] => [
  byId(
    'Zones',
    'route53',
    [
      'AssociateVPCWithHostedZone',
      'ChangeTagsForResource',
      'CreateHostedZone',
      'GetChange',
      'GetHostedZone',
      'ListResourceRecordSets',
      'ListTagsForResource',
      'UpdateHostedZoneComment',
    ],
    // Route 53 answers from us-east-1, wherever the region is.
    { ...reach, regions: [...new Set([region, 'us-east-1'])] },
  ),
  {
    sid: 'OwnNames',
    actions: ['route53:ChangeResourceRecordSets'],
    resources: ['arn:aws:route53:::hostedzone/*'],
    conditions: {
      'ForAllValues:StringLike': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': [
          `*.${region}.${cloud.domain}`,
          `*.${region}.internal.${cloud.domain}`,
        ],
      },
    },
  },
]
