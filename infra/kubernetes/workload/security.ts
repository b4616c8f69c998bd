import type { k8s } from 'cdk8s-plus-27'
import { podUser } from '../../local/volumes.ts'

/**
 * What the "restricted" profile demands of a pod, and the user that the images are made for.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export const podSecurity: k8s.PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: podUser,
  runAsGroup: podUser,
  fsGroup: podUser,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
}

/** The same for an image that is made for another user. */
export const securityOf = (user: number): k8s.PodSecurityContext => ({
  ...podSecurity,
  runAsUser: user,
  runAsGroup: user,
  fsGroup: user,
})

/** What it demands of a container, and a root file system that nobody can write to. */
export const containerSecurity: k8s.SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
}
