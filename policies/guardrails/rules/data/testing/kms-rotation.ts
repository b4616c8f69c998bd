import { cloud, type Fixture } from '../../../testing/fixture.ts'

const key = (props: object) => [cloud('kms/key:Key', 'data', props)]

export const fixture: Fixture = {
  good: [key({ enableKeyRotation: true }), key({ keyUsage: 'SIGN_VERIFY', customerMasterKeySpec: 'ECC_NIST_P256' })],
  bad: [
    { resources: key({}), says: ['enableKeyRotation should be true; it is not set.'] },
    {
      resources: key({ enableKeyRotation: false, customerMasterKeySpec: 'SYMMETRIC_DEFAULT' }),
      says: ['enableKeyRotation should be true; it is false.'],
    },
  ],
}
