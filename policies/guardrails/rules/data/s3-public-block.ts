import { type Guardrail, shouldBe } from '../../model/guardrail.ts'
import { withCompanion } from './s3.ts'

const doors = ['blockPublicAcls', 'blockPublicPolicy', 'ignorePublicAcls', 'restrictPublicBuckets']

export const s3PublicBlock: Guardrail = {
  name: 's3-public-block',
  title: 'No bucket can be made public',
  severity: 'critical',
  frameworks: ['AWS FSBP S3.8'],
  remediation: `Give the bucket a BucketPublicAccessBlock with ${doors.join(', ')} all true.`,
  scope: 'stack',
  judges: 'program',
  find: withCompanion('aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock', (block) =>
    doors.flatMap((door) => shouldBe(block, [door], true)),
  ),
}
