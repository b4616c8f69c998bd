import { type Fixture, workload } from '../../../testing/fixture.ts'

const pod = (resources?: object) => [workload('siem/web', { container: { resources } })]
const at = (field: string) => `spec.template.spec.containers[0].resources.${field} should be given; it is not set.`

export const fixture: Fixture = {
  good: [pod({ requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } })],
  bad: [
    { resources: pod({ requests: { cpu: '1', memory: '1Gi' } }), says: [at('limits.memory')] },
    { resources: pod(), says: [at('requests.cpu'), at('requests.memory'), at('limits.memory')] },
  ],
}
