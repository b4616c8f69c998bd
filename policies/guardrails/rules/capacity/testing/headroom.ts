import type { Fixture } from '../../../testing/fixture.ts'
import { object } from '../../../testing/fixture.ts'
import { scaled } from './scaled.ts'

const spare = (replicas: number) =>
  object('apps/v1', 'Deployment', 'headroom/headroom-analytics', { spec: { replicas } })

export const fixture: Fixture = {
  good: [[scaled('hot-sink', 8)], [scaled('hot-sink', 1, 1)], [spare(3)]],
  bad: [
    {
      resources: [spare(1)],
      says: [
        /^As deployed, cloud\.prod\.kubernetes\.headroom\.analytics\.pods \(1\) must be at least \d+, the largest step of scaling\.analytics: /,
      ],
    },
    {
      resources: [scaled('hot-sink', 64)],
      says: [
        /^As deployed, cloud\.prod\.kubernetes\.headroom\.hot-sink\.pods \(\d+\) must be at least 21, the largest step of scaling\.hot_sink: /,
      ],
    },
  ],
}
