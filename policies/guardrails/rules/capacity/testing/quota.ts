import type { Fixture } from '../../../testing/fixture.ts'
import { scaled } from './scaled.ts'

export const fixture: Fixture = {
  good: [[scaled('analytics', 8)], []],
  bad: [
    {
      resources: [scaled('analytics', 400)],
      says: [
        /^As deployed, environments\.prod\.quota\.cpu \(\d+\) must be at least \d+m: all services at their most replicas, .*\.$/,
      ],
    },
  ],
}
