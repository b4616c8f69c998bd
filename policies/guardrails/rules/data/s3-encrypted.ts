import { type Guardrail, should } from '../../model/guardrail.ts'
import { at, isGiven, items } from '../../model/resource.ts'
import { withCompanion } from './s3.ts'

const type = 'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration'

export const s3Encrypted: Guardrail = {
  name: 's3-encrypted',
  title: 'Every object is encrypted with a key of ours',
  severity: 'high',
  frameworks: ['AWS Security Hub S3.17'],
  remediation:
    "Give the bucket a BucketServerSideEncryptionConfiguration with sseAlgorithm 'aws:kms' and the key's ARN.",
  scope: 'stack',
  judges: 'program',
  find: withCompanion(type, (config) =>
    items(at(config.props, 'rules')).flatMap((_, i) => {
      const path = ['rules', i, 'applyServerSideEncryptionByDefault']
      return [
        ...should(config, [...path, 'sseAlgorithm'], (value) => String(value).startsWith('aws:kms'), "'aws:kms'"),
        ...should(config, [...path, 'kmsMasterKeyId'], isGiven, 'the ARN of a KMS key'),
      ]
    }),
  ),
}
