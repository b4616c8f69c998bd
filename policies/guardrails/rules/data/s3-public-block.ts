import { type Guardrail, shouldBe } from '../../model/guardrail.ts'
import { withCompanion } from './s3.ts'

const type = 'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock'
const doors = ['blockPublicAcls', 'blockPublicPolicy', 'ignorePublicAcls', 'restrictPublicBuckets']
const missing = withCompanion(type, 'BucketPublicAccessBlock')

export const s3PublicBlock: Guardrail = {
  name: 's3-public-block',
  title: 'No bucket can be made public',
  severity: 'critical',
  frameworks: ['AWS FSBP S3.8'],
  remediation: `Give the bucket a BucketPublicAccessBlock with ${doors.join(', ')} all true.`,
  scope: 'stack',
  judges: 'program',
  find: (resources, facts) => [
    ...missing(resources, facts),
    ...resources
      .filter((one) => one.type === type)
      .flatMap((block) => doors.flatMap((door) => shouldBe(block, [door], true))),
  ],
}
