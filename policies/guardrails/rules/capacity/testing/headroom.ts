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
        "As deployed, cloud.prod.kubernetes.headroom.analytics.pods (1) must be at least 3, the largest step of scaling.analytics: a new machine of the pool 'general' takes 90s, and with metric, scrape and pod that is beyond objectives.scaling.upWithin (2m).",
      ],
    },
    {
      resources: [scaled('hot-sink', 64)],
      says: [
        "As deployed, cloud.prod.kubernetes.headroom.hot-sink.pods (3) must be at least 21, the largest step of scaling.hot_sink: a new machine of the pool 'general' takes 90s, and with metric, scrape and pod that is beyond objectives.scaling.upWithin (2m).",
      ],
    },
  ],
}
