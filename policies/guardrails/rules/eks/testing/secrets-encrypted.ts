import { unknown } from '../../../model/resource.ts'
import { cloud, type Fixture } from '../../../testing/fixture.ts'

const cluster = (encryptionConfig?: object) => [cloud('eks/cluster:Cluster', 'main', { encryptionConfig })]

export const fixture: Fixture = {
  good: [
    cluster({ resources: ['secrets'], provider: { keyArn: 'arn:aws:kms:us-east-1:123456789012:key/1' } }),
    cluster({ resources: ['secrets'], provider: { keyArn: unknown } }),
  ],
  bad: [
    { resources: cluster(), says: ["encryptionConfig.resources should hold 'secrets'."] },
    {
      resources: cluster({ resources: ['secrets'], provider: {} }),
      says: ['encryptionConfig.provider.keyArn should be the ARN of a KMS key; it is not set.'],
    },
  ],
}
