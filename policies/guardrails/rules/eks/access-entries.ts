import { each, type Guardrail, should, shouldBe } from '../../model/guardrail.ts'

export const accessEntries: Guardrail = {
  name: 'eks-access-entries',
  title: 'Who may use a cluster stands in access entries alone',
  severity: 'high',
  frameworks: ['NSA Kubernetes Hardening: authentication and authorization'],
  remediation:
    "Set authenticationMode to 'API' and bootstrapClusterCreatorAdminPermissions to false; give each role its AccessEntry.",
  scope: 'resource',
  judges: 'program',
  find: each(['aws:eks/cluster:Cluster'], (cluster) => [
    ...shouldBe(cluster, ['accessConfig', 'authenticationMode'], 'API'),
    // Absent means true: whoever made the cluster stays its administrator, and no entry shows it.
    ...should(
      cluster,
      ['accessConfig', 'bootstrapClusterCreatorAdminPermissions'],
      (value) => value === false,
      'false',
    ),
  ]),
}
