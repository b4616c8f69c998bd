import { each, type Guardrail, shouldBe } from '../../model/guardrail.ts'

export const privateEndpoint: Guardrail = {
  name: 'eks-private-endpoint',
  title: 'A cluster answers only inside its networks',
  severity: 'critical',
  frameworks: ['CIS EKS 5.4.2', 'AWS FSBP EKS.1', 'NSA Kubernetes Hardening: network separation'],
  remediation:
    'Set endpointPublicAccess to false and endpointPrivateAccess to true; operators come through the network.',
  scope: 'resource',
  judges: 'program',
  find: each(['aws:eks/cluster:Cluster'], (cluster) => [
    // What is not set is public: AWS's default.
    ...shouldBe(cluster, ['vpcConfig', 'endpointPublicAccess'], false),
    ...shouldBe(cluster, ['vpcConfig', 'endpointPrivateAccess'], true),
  ]),
}
