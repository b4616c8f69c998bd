import type { Fixture } from '../../../testing/fixture.ts'
import { object } from '../../../testing/fixture.ts'
import { scaled } from './scaled.ts'

const pool = (limits: object) => object('karpenter.sh/v1', 'NodePool', 'gpu', { spec: { limits } })

export const fixture: Fixture = {
  good: [[scaled('event-collector', 16), pool({ cpu: '56', memory: '224Gi', 'nvidia.com/gpu': 14 })]],
  bad: [
    {
      resources: [pool({ cpu: '56', memory: '224Gi', 'nvidia.com/gpu': '4' })],
      says: [
        /^As deployed, cloud\.prod\.kubernetes\.pools\.gpu\.limits\.gpu \(4\) must be at least \d+: all services at their most replicas, with their warm headroom\.$/,
      ],
    },
  ],
}
