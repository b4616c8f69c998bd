import { type Fixture, workload } from '../../../testing/fixture.ts'

const probe = { httpGet: { path: '/readyz', port: 9443 } }
const pod = (container: object, kind = 'Deployment') => [workload('siem/web', { kind, container })]
const at = (field: string) => `spec.template.spec.containers[0].${field} should be given; it is not set.`

export const fixture: Fixture = {
  good: [pod({ readinessProbe: probe, livenessProbe: probe }), pod({}, 'Job')],
  bad: [
    { resources: pod({ readinessProbe: probe }), says: [at('livenessProbe')] },
    { resources: pod({}, 'StatefulSet'), says: [at('readinessProbe'), at('livenessProbe')] },
  ],
}
