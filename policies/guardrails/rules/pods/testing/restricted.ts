import { type Fixture, workload } from '../../../testing/fixture.ts'

const securityContext = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
  readOnlyRootFilesystem: true,
}
const pod = (change: object = {}, spec: object = {}) => [
  workload('siem/web', { pod: spec, container: { securityContext: { ...securityContext, ...change } } }),
]

export const fixture: Fixture = {
  good: [
    pod({}, { volumes: [{ name: 'tmp', emptyDir: {} }] }),
    pod({ runAsNonRoot: undefined }, { securityContext: { runAsNonRoot: true } }),
  ],
  bad: [
    {
      resources: pod({ privileged: true, allowPrivilegeEscalation: undefined }),
      says: ['main: allowPrivilegeEscalation should be false.', 'main: privileged should be false.'],
    },
    {
      resources: pod({ runAsNonRoot: undefined, runAsUser: 0, readOnlyRootFilesystem: false }),
      says: [
        'main: runAsNonRoot should be true.',
        'main: runAsUser should be another user than root.',
        'main: readOnlyRootFilesystem should be true.',
      ],
    },
    {
      resources: pod({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] }, seccompProfile: { type: 'Unconfined' } }),
      says: ["main: capabilities should be drop: ['ALL'].", "main: seccompProfile.type should be 'RuntimeDefault'."],
    },
    {
      resources: pod({}, { hostNetwork: true, volumes: [{ name: 'disk', hostPath: { path: '/' } }] }),
      says: [
        'spec.template.spec.hostNetwork should be false; it is true.',
        'Volumes of the kind hostPath should not be mounted.',
      ],
    },
  ],
}
