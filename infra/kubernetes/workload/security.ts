import type { k8s } from 'cdk8s-plus-27'
import { podSecurity } from '../../../policies/model/pod-security.ts'

export { containerSecurity, podSecurity } from '../../../policies/model/pod-security.ts'

/** What the "restricted" profile demands of a pod whose image is made for another user than ours. */
export const securityOf = (user: number): k8s.PodSecurityContext => ({
  ...podSecurity,
  runAsUser: user,
  runAsGroup: user,
  fsGroup: user,
})
