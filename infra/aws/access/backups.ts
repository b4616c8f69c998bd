import { type Input, interpolate } from '@pulumi/pulumi'
import type { InputStatement } from '../iam/document.ts'

export interface BackupRights {
  readonly region: string
  readonly bucketArn: Input<string>
  /** ARN of the data key of the region. */
  readonly keyArn: Input<string>
}

/** Folder of the hot tier in the bucket. */
const folder = 'clickhouse'

/**
 * Who writes and reads backups. A backup's last step takes away its own lock, and nothing else can be deleted; what a failed one leaves
 * stays. Versions stay in any case.
 */
export const backupRights = ({ region, bucketArn, keyArn }: BackupRights): readonly InputStatement[] => [
  {
    sid: 'List',
    actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
    resources: [bucketArn],
  },
  {
    sid: 'Keep',
    actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
    resources: [interpolate`${bucketArn}/${folder}/*`],
  },
  { sid: 'Unlock', actions: ['s3:DeleteObject'], resources: [interpolate`${bucketArn}/${folder}/*.lock`] },
  {
    sid: 'Encrypt',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: [keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } },
  },
]
