import { k8s } from 'cdk8s-plus-27'

/** A new pod comes before an old one goes, so that no fewer serve meanwhile. */
export const oneMore: k8s.DeploymentStrategy = {
  type: 'RollingUpdate',
  rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
}
