import { type Guardrail, should } from '../../model/guardrail.ts'
import { containersOf } from '../../model/kubernetes.ts'
import { eachPod } from '../../model/pods.ts'

const digest = /@sha256:[0-9a-f]{64}$/

export const imageDigest: Guardrail = {
  name: 'image-digest',
  title: 'What runs is what was scanned and signed',
  severity: 'high',
  frameworks: ['NSA Kubernetes Hardening: pod security'],
  remediation: 'Name the image by its digest, as the lock file of the images holds it; a tag can be moved.',
  scope: 'resource',
  judges: 'manifest',
  find: eachPod((pod) =>
    containersOf(pod).flatMap(({ path }) =>
      should(pod.owner, [...path, 'image'], (image) => digest.test(String(image)), 'named by its digest'),
    ),
  ),
}
