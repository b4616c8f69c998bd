import { type Guardrail, shouldBe } from '../../model/guardrail.ts'
import { withCompanion } from './s3.ts'

export const s3Versioned: Guardrail = {
  name: 's3-versioned',
  title: 'What is overwritten or deleted can be had back',
  severity: 'high',
  frameworks: ['AWS Security Hub S3.14'],
  remediation: "Give the bucket a BucketVersioning with the status 'Enabled'.",
  scope: 'stack',
  judges: 'program',
  find: withCompanion('aws:s3/bucketVersioning:BucketVersioning', (versioning) =>
    shouldBe(versioning, ['versioningConfiguration', 'status'], 'Enabled'),
  ),
}
