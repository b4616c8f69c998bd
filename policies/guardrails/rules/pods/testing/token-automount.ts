import { type Fixture, workload } from '../../../testing/fixture.ts'

const pod = (spec: object, place = 'siem/web') => [workload(place, { pod: spec })]
const path = 'spec.template.spec.automountServiceAccountToken'

export const fixture: Fixture = {
  good: [
    pod({ automountServiceAccountToken: false }),
    pod({ serviceAccountName: 'coredns', automountServiceAccountToken: true }, 'kube-system/coredns'),
  ],
  bad: [
    { resources: pod({}), says: [`${path} should be false; it is not set.`] },
    {
      resources: pod({ serviceAccountName: 'coredns', automountServiceAccountToken: true }),
      says: [`${path} should be false; it is true.`],
    },
  ],
}
