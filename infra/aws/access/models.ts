import { type Input, interpolate } from '@pulumi/pulumi'
import type { InputStatement } from '../iam/document.ts'

export interface ModelRights {
  readonly region: string
  readonly bucketArn: Input<string>
  /** ARN of the data key of the region. */
  readonly keyArn: Input<string>
}

/** Who serves models: it reads those of its region's bucket, by the name that its list gives, and neither lists nor writes. */
export const modelRights = ({ region, bucketArn, keyArn }: ModelRights): readonly InputStatement[] => [
  { sid: 'Fetch', actions: ['s3:GetObject'], resources: [interpolate`${bucketArn}/*`] },
  {
    sid: 'Decrypt',
    actions: ['kms:Decrypt'],
    resources: [keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } },
  },
]
