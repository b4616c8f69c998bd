import { cloud, type Fixture } from '../../../testing/fixture.ts'

const good = { transitEncryptionEnabled: true, atRestEncryptionEnabled: true, authToken: '<secret>' }
const group = (change: object = {}) => [
  cloud('elasticache/replicationGroup:ReplicationGroup', 'cache', { ...good, ...change }),
]

export const fixture: Fixture = {
  good: [group(), group({ authToken: undefined, userGroupIds: ['readers'] })],
  bad: [
    {
      resources: group({ transitEncryptionEnabled: false }),
      says: ['transitEncryptionEnabled should be true; it is false.'],
    },
    {
      resources: group({ atRestEncryptionEnabled: undefined, transitEncryptionMode: 'preferred' }),
      says: [
        'atRestEncryptionEnabled should be true; it is not set.',
        "transitEncryptionMode should be 'required'; it is 'preferred'.",
      ],
    },
    { resources: group({ authToken: undefined }), says: ['The cache should have an authToken or userGroupIds.'] },
  ],
}
