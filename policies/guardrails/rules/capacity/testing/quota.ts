import type { Fixture } from '../../../testing/fixture.ts'
import { scaled } from './scaled.ts'

export const fixture: Fixture = {
  good: [[scaled('analytics', 8)], []],
  bad: [
    {
      resources: [scaled('analytics', 400)],
      says: [
        'As deployed, environments.prod.quota.cpu (240) must be at least 474100m: all services at their most replicas, and one more of each scaled one while a rollout replaces them.',
      ],
    },
  ],
}
