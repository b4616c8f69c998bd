import { type Fixture, object, workload } from '../../../testing/fixture.ts'

const keda = object('keda.sh/v1alpha1', 'ScaledObject', 'siem/web', { spec: { scaleTargetRef: { name: 'web' } } })
const web = (...ignoreChanges: string[]) => workload('siem/web', { options: { ignoreChanges } })

export const fixture: Fixture = {
  good: [[keda, web('spec.replicas')], [web()], [keda, workload('siem/web')]],
  bad: [{ resources: [keda, web()], says: ['spec.replicas should be in ignoreChanges: an autoscaler owns it.'] }],
}
