import { type Guardrail, shouldBe, type Violation, violation } from '../../model/guardrail.ts'
import { containersOf, type PodTemplate } from '../../model/kubernetes.ts'
import { eachPod } from '../../model/pods.ts'
import { at, fields, isGiven, items, mayBe, mayHold } from '../../model/resource.ts'

/** Volumes that the restricted profile lets in. */
const volumes = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
])

function judge(pod: PodTemplate): readonly Violation[] {
  const { owner, spec, path } = pod
  const host = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => at(spec, field) === true)
  const foreign = items(at(spec, 'volumes')).flatMap((volume, i) =>
    fields(volume)
      .filter(([field]) => field !== 'name' && !volumes.has(field))
      .map(([field]) =>
        violation(owner, [...path, 'volumes', i], `Volumes of the kind ${field} should not be mounted.`),
      ),
  )
  return [
    ...host.flatMap((field) => shouldBe(owner, [...path, field], false)),
    ...foreign,
    ...containersOf(pod).flatMap(({ container, path: where }) => {
      const own = at(container, 'securityContext')
      const either = (field: string): unknown => at(own, field) ?? at(spec, 'securityContext', field)
      const says = (good: boolean, field: string, be: string) =>
        good
          ? []
          : [
              violation(
                owner,
                [...where, 'securityContext'],
                `${String(at(container, 'name'))}: ${field} should be ${be}.`,
              ),
            ]
      const capabilities = at(own, 'capabilities')
      const added = items(at(capabilities, 'add')).filter((one) => !mayBe(one, 'NET_BIND_SERVICE'))
      const seccomp = at(either('seccompProfile'), 'type')
      return [
        ...says(mayBe(either('runAsNonRoot'), true), 'runAsNonRoot', 'true'),
        ...says(either('runAsUser') !== 0, 'runAsUser', 'another user than root'),
        ...says(mayBe(at(own, 'allowPrivilegeEscalation'), false), 'allowPrivilegeEscalation', 'false'),
        ...says(!isGiven(at(own, 'privileged')) || mayBe(at(own, 'privileged'), false), 'privileged', 'false'),
        ...says(mayHold(at(capabilities, 'drop'), 'ALL') && !isGiven(added), 'capabilities', "drop: ['ALL']"),
        ...says(mayBe(seccomp, 'RuntimeDefault') || seccomp === 'Localhost', 'seccompProfile.type', "'RuntimeDefault'"),
        ...says(mayBe(at(own, 'readOnlyRootFilesystem'), true), 'readOnlyRootFilesystem', 'true'),
      ]
    }),
  ]
}

export const restricted: Guardrail = {
  name: 'pod-restricted',
  title: 'A pod that is taken over has no rights and nothing to write on',
  severity: 'critical',
  frameworks: ['Pod Security Standards: restricted', 'CIS EKS 4.2', 'NSA Kubernetes Hardening: pod security'],
  remediation:
    'Build the workload with the construct Workload, which keeps the restricted profile and a read-only root.',
  scope: 'resource',
  judges: 'manifest',
  find: eachPod(judge),
}
