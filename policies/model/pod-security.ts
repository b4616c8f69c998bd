/** User and group of every process in a pod: nobody in particular, and owner of nothing in the images. */
export const podUser = 65532

/**
 * What the "restricted" profile demands of a pod, and the user that the images are made for.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export const podSecurity = {
  runAsNonRoot: true,
  runAsUser: podUser,
  runAsGroup: podUser,
  fsGroup: podUser,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
}

/** What it demands of a container, and a root file system that nobody can write to. */
export const containerSecurity = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
}
