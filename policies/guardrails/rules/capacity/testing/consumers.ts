import type { Fixture } from '../../../testing/fixture.ts'
import { scaled } from './scaled.ts'

export const fixture: Fixture = {
  good: [[scaled('hot-sink', 256)], [scaled('event-collector', 300)]],
  bad: [
    {
      resources: [scaled('hot-sink', 257)],
      says: [
        "As deployed, scaling.hot_sink.actions.max_replicas (257) exceeds the 256 partitions of 'events.raw' in prod: 1 replica would idle.",
      ],
    },
  ],
}
