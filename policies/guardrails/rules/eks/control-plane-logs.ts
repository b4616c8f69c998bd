import { each, type Guardrail, violation } from '../../model/guardrail.ts'
import { at, mayHold } from '../../model/resource.ts'

/** All that EKS can write. */
const logs = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler']

export const controlPlaneLogs: Guardrail = {
  name: 'eks-control-plane-logs',
  title: 'A control plane writes all five of its logs',
  severity: 'high',
  frameworks: ['CIS EKS 2.1.1', 'AWS FSBP EKS.8', 'NSA Kubernetes Hardening: audit logging'],
  remediation: `Name all of ${logs.join(', ')} in enabledClusterLogTypes.`,
  scope: 'resource',
  judges: 'program',
  find: each(['aws:eks/cluster:Cluster'], (cluster) => {
    const enabled = at(cluster.props, 'enabledClusterLogTypes')
    const missing = logs.filter((log) => !mayHold(enabled, log))
    return missing.length === 0
      ? []
      : [
          violation(
            cluster,
            ['enabledClusterLogTypes'],
            `enabledClusterLogTypes should also hold ${missing.join(', ')}.`,
          ),
        ]
  }),
}
