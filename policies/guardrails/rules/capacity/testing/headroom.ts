import type { Fixture } from '../../../testing/fixture.ts'
import { scaled } from './scaled.ts'

export const fixture: Fixture = {
  good: [[scaled('hot-sink', 8)], [scaled('hot-sink', 1, 1)]],
  bad: [
    {
      resources: [scaled('hot-sink', 64)],
      says: [
        "As deployed, cloud.prod.kubernetes.headroom.hot-sink.pods (3) must be at least 21, the largest step of scaling.hot_sink: a new machine of the pool 'general' takes 90s, and with metric, scrape and pod that is beyond objectives.scaling.upWithin (2m).",
      ],
    },
  ],
}
