import { cloud, type Fixture } from '../../../testing/fixture.ts'

interface Change {
  readonly clientBroker?: string
  readonly clientAuthentication?: object
  readonly publicAccess?: string
}

const cluster = ({ clientBroker = 'TLS', clientAuthentication, publicAccess }: Change = {}) => [
  cloud('msk/cluster:Cluster', 'kafka', {
    encryptionInfo: { encryptionAtRestKmsKeyArn: 'arn:key', encryptionInTransit: { clientBroker, inCluster: true } },
    clientAuthentication: { sasl: { iam: true }, ...clientAuthentication },
    brokerNodeGroupInfo: publicAccess ? { connectivityInfo: { publicAccess: { type: publicAccess } } } : {},
  }),
]

export const fixture: Fixture = {
  good: [cluster()],
  bad: [
    {
      resources: cluster({ clientBroker: 'TLS_PLAINTEXT' }),
      says: ["encryptionInfo.encryptionInTransit.clientBroker should be 'TLS'; it is 'TLS_PLAINTEXT'."],
    },
    {
      resources: cluster({ clientAuthentication: { sasl: { iam: false, scram: true }, unauthenticated: true } }),
      says: [
        'clientAuthentication.sasl.iam should be true; it is false.',
        'clientAuthentication.sasl.scram should be false; it is true.',
        'clientAuthentication.unauthenticated should be false; it is true.',
      ],
    },
    {
      resources: cluster({ publicAccess: 'SERVICE_PROVIDED_EIPS' }),
      says: [
        "brokerNodeGroupInfo.connectivityInfo.publicAccess.type should be 'DISABLED'; it is 'SERVICE_PROVIDED_EIPS'.",
      ],
    },
  ],
}
