import { type Fixture, object, workload } from '../../../testing/fixture.ts'

const web = (topologyKey: string, app = 'web', replicas = 2) =>
  workload('siem/web', {
    replicas,
    pod: { topologySpreadConstraints: [{ topologyKey, maxSkew: 1, labelSelector: { matchLabels: { app } } }] },
  })
const nodes = (topologyKey: string) =>
  object('elasticsearch.k8s.elastic.co/v1', 'Elasticsearch', 'data/elasticsearch', {
    spec: {
      nodeSets: [
        {
          count: 3,
          podTemplate: {
            metadata: { labels: { app: 'warm' } },
            spec: { topologySpreadConstraints: [{ topologyKey, labelSelector: { matchLabels: { app: 'warm' } } }] },
          },
        },
      ],
    },
  })
const says = ['The 2 pods should be spread over topology.kubernetes.io/zone.']

export const fixture: Fixture = {
  good: [
    [web('topology.kubernetes.io/zone')],
    [workload('siem/web', { replicas: 1 })],
    [nodes('topology.kubernetes.io/zone')],
  ],
  bad: [
    { resources: [web('kubernetes.io/hostname')], says },
    { resources: [web('topology.kubernetes.io/zone', 'other')], says },
    { resources: [workload('siem/web')], says },
    {
      resources: [nodes('kubernetes.io/hostname')],
      says: ['The 3 pods should be spread over topology.kubernetes.io/zone.'],
    },
  ],
}
