import { type Fixture, workload } from '../../../testing/fixture.ts'

const web = (topologyKey: string, app = 'web', replicas = 2) =>
  workload('siem/web', {
    replicas,
    pod: { topologySpreadConstraints: [{ topologyKey, maxSkew: 1, labelSelector: { matchLabels: { app } } }] },
  })
const says = ['The 2 pods should be spread over topology.kubernetes.io/zone.']

export const fixture: Fixture = {
  good: [[web('topology.kubernetes.io/zone')], [workload('siem/web', { replicas: 1 })]],
  bad: [
    { resources: [web('kubernetes.io/hostname')], says },
    { resources: [web('topology.kubernetes.io/zone', 'other')], says },
    { resources: [workload('siem/web')], says },
  ],
}
