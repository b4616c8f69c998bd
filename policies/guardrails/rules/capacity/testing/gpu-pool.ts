import { type Fixture, workload } from '../../../testing/fixture.ts'

const toleration = { tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }] }
const selector = { nodeSelector: { 'karpenter.sh/nodepool': 'gpu' } }
const pod = (spec: object, gpu = true, kind = 'Deployment') => [
  workload('ngfw/inference', {
    kind,
    pod: spec,
    container: gpu ? { resources: { limits: { 'nvidia.com/gpu': 1 } } } : {},
  }),
]

export const fixture: Fixture = {
  good: [pod({ ...toleration, ...selector }), pod({}, false), pod(toleration, false, 'DaemonSet')],
  bad: [
    { resources: pod(selector), says: ['The pods ask for a GPU and should tolerate the taint nvidia.com/gpu.'] },
    { resources: pod(toleration), says: ['The pods ask for a GPU and should select a pool that has some.'] },
    {
      resources: pod(toleration, false),
      says: ['The pods ask for no GPU and should not tolerate the taint nvidia.com/gpu.'],
    },
  ],
}
