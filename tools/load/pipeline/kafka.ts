import { connect } from 'node:tls'
import type { Kafka } from 'kafkajs'
import { services } from '../../../policies/services.ts'
import kafkajs from '../../../services/common/bus/kafka/kafkajs.ts'
import { certificateOf, podAddress } from '../pods.ts'

/** A client of the region's broker from outside: whatever name the broker gives itself, it is reached at its pod's address. */
export async function regionKafka(
  kubectl: string,
  state: string,
): Promise<{ kafka: Kafka; address: string; brokerName: string }> {
  const host = await podAddress(kubectl, state, 'kafka')
  const { kafka: port } = services.kafka.ports
  const { ca, cert, key } = certificateOf(state, 'event-collector').pem
  const kafka = new kafkajs.Kafka({
    clientId: 'bench',
    brokers: [`${host}:${port}`],
    ssl: true,
    connectionTimeout: 10_000,
    requestTimeout: 60_000,
    logLevel: kafkajs.logLevel.NOTHING,
    socketFactory: ({ port: to, onConnect }) =>
      connect({ host, port: to, ca, cert, key, servername: `kafka.${services.kafka.namespace}.svc` }, onConnect),
  })
  const metadata = kafka.admin()
  await metadata.connect()
  const { brokers } = await metadata.describeCluster()
  await metadata.disconnect()
  return { kafka, address: `${host}:${port}`, brokerName: brokers[0]?.host ?? host }
}
