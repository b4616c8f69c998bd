import { each, type Guardrail, should, violation } from '../../model/guardrail.ts'
import { at, isGiven, mayHold, unknown } from '../../model/resource.ts'

export const secretsEncrypted: Guardrail = {
  name: 'eks-secrets-encrypted',
  title: "A cluster's Secrets are encrypted with a key of ours",
  severity: 'high',
  frameworks: ['CIS EKS 5.3.1', 'AWS FSBP EKS.3'],
  remediation: "Give encryptionConfig the resources ['secrets'] and the ARN of a KMS key.",
  scope: 'resource',
  judges: 'program',
  find: each(['aws:eks/cluster:Cluster'], (cluster) => {
    const config = at(cluster.props, 'encryptionConfig')
    if (config === unknown) return []
    if (!mayHold(at(config, 'resources'), 'secrets'))
      return [
        violation(cluster, ['encryptionConfig', 'resources'], "encryptionConfig.resources should hold 'secrets'."),
      ]
    return should(cluster, ['encryptionConfig', 'provider', 'keyArn'], isGiven, 'the ARN of a KMS key')
  }),
}
