import { type Fixture, object, workload } from '../../../testing/fixture.ts'

const budget = (spec: object, name = 'web') =>
  object('policy/v1', 'PodDisruptionBudget', `siem/${name}`, {
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  })
const scaler = (minReplicaCount: number) =>
  object('keda.sh/v1alpha1', 'ScaledObject', 'siem/web', {
    spec: { scaleTargetRef: { name: 'web' }, minReplicaCount, maxReplicaCount: 9 },
  })
const web = (replicas = 2) => workload('siem/web', { replicas })

export const fixture: Fixture = {
  good: [
    [web(), budget({ maxUnavailable: 1 })],
    [web(), budget({ minAvailable: '50%' })],
    [web(1)],
    [workload('headroom/headroom-web', { replicas: 5 })],
    [web(3), budget({ minAvailable: 2 })],
  ],
  bad: [
    { resources: [web()], says: ['The workload has 2 pods and should have a PodDisruptionBudget.'] },
    { resources: [web(1), scaler(2)], says: ['The workload has 2 pods and should have a PodDisruptionBudget.'] },
    {
      resources: [web(), budget({ minAvailable: 2 })],
      says: ['The budget should let one of 2 pods go, or no machine can be emptied.'],
    },
    {
      resources: [web(3), budget({ maxUnavailable: '0%' })],
      says: ['The budget should let one of 3 pods go, or no machine can be emptied.'],
    },
    {
      resources: [web(), budget({ maxUnavailable: 1 }), budget({ maxUnavailable: 1 }, 'again')],
      says: ['The workload should have one PodDisruptionBudget: with two, no pod can be moved.'],
    },
  ],
}
