import { cloud, type Fixture } from '../../../testing/fixture.ts'

const good = { automaticFailoverEnabled: true, multiAzEnabled: true }
const group = (change: object = {}) => [
  cloud('elasticache/replicationGroup:ReplicationGroup', 'cache', { ...good, ...change }),
]

export const fixture: Fixture = {
  good: [group()],
  bad: [
    {
      resources: group({ automaticFailoverEnabled: false }),
      says: ['automaticFailoverEnabled should be true; it is false.'],
    },
    {
      resources: group({ multiAzEnabled: undefined }),
      says: ['multiAzEnabled should be true; it is not set.'],
    },
  ],
}
