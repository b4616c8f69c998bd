import { each, type Guardrail, should, shouldBe } from '../../model/guardrail.ts'
import { isGiven } from '../../model/resource.ts'

const auth = 'clientAuthentication'
const off = (value: unknown): boolean => value === false || !isGiven(value)

export const kafkaTlsIam: Guardrail = {
  name: 'kafka-tls-iam',
  title: 'Kafka is reached by TLS, from inside, by roles that IAM knows',
  severity: 'critical',
  frameworks: ['AWS FSBP MSK.1', 'AWS FSBP MSK.4', 'AWS FSBP MSK.6'],
  remediation:
    "Set clientBroker to 'TLS', inCluster to true, sasl.iam to true, and every other way of logging in to false.",
  scope: 'resource',
  judges: 'program',
  find: each(['aws:msk/cluster:Cluster'], (cluster) => [
    ...shouldBe(cluster, ['encryptionInfo', 'encryptionInTransit', 'clientBroker'], 'TLS'),
    ...should(
      cluster,
      ['encryptionInfo', 'encryptionInTransit', 'inCluster'],
      // Absent means true.
      (value) => value === true || !isGiven(value),
      'true',
    ),
    ...should(cluster, ['encryptionInfo', 'encryptionAtRestKmsKeyArn'], isGiven, 'the ARN of a KMS key'),
    ...shouldBe(cluster, [auth, 'sasl', 'iam'], true),
    ...should(cluster, [auth, 'sasl', 'scram'], off, 'false'),
    ...should(cluster, [auth, 'tls'], off, 'left out'),
    ...should(cluster, [auth, 'unauthenticated'], off, 'false'),
    ...should(
      cluster,
      ['brokerNodeGroupInfo', 'connectivityInfo', 'publicAccess', 'type'],
      (value) => value === 'DISABLED' || !isGiven(value),
      "'DISABLED'",
    ),
  ]),
}
