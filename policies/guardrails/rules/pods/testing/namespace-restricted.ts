import { type Fixture, object } from '../../../testing/fixture.ts'

const namespace = (enforce: string, name = 'siem') => [
  object('v1', 'Namespace', name, { metadata: { labels: { 'pod-security.kubernetes.io/enforce': enforce } } }),
]

export const fixture: Fixture = {
  good: [namespace('restricted'), namespace('privileged', 'gpu-operator')],
  bad: [
    {
      resources: namespace('baseline'),
      says: ["metadata.labels.pod-security.kubernetes.io/enforce should be 'restricted'; it is 'baseline'."],
    },
  ],
}
