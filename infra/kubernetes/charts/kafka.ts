import { createHash } from 'node:crypto'
import type { Input } from '@pulumi/pulumi'
import type { Construct } from 'constructs'
import { bytes } from '../../../policies/model/units.ts'
import type { ChartScope } from '../context.ts'
import { address, mounted, podHost, port } from '../names.ts'
import { derive } from '../output-resolver.ts'
import { replicas } from '../replicas.ts'
import { Workload } from '../workload/workload.ts'
import { RegionChart } from './region-chart.ts'

const properties = '/etc/kafka/server.properties'
const logFolder = '/data/log'

/** What a client of Kafka is told: where to begin to find the brokers, and how it says who it is. */
export function kafkaEnv(scope: ChartScope): Readonly<Record<string, Input<string>>> {
  const { cluster } = scope.context
  return cluster.kind === 'embedded'
    ? { ND_KAFKA_BROKERS: address(scope, 'kafka', 'kafka') }
    : { ND_KAFKA_BROKERS: cluster.kafka, ND_KAFKA_AUTH: 'iam' }
}

/** The cluster's identity, written into its log folder once. It must be the same for all brokers, and for a region that comes back. */
export const clusterId = ({ environment, context }: ChartScope): string =>
  createHash('sha256').update(`kafka ${environment} ${context.region}`).digest().subarray(0, 16).toString('base64url')

/** Configuration of one broker, which is also a controller (KRaft). Clients and brokers prove who they are by certificate. */
export function brokerProperties(scope: ChartScope, ordinal: number): string {
  const { kafka } = scope.policy
  const count = replicas(scope, 'kafka')
  const clients = port(scope, 'kafka', 'kafka')
  const controller = port(scope, 'kafka', 'controller')
  const largest = Math.max(...Object.values(scope.policies.topics).map(({ maxRecord }) => bytes(maxRecord)))
  const voters = Array.from({ length: count }, (_, i) => `${i}@${podHost(scope, 'kafka', i)}:${controller}`)
  const values: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': ordinal,
    'controller.quorum.voters': voters.join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `SSL://:${clients},CONTROLLER://:${controller}`,
    'advertised.listeners': `SSL://${podHost(scope, 'kafka', ordinal)}:${clients}`,
    'listener.security.protocol.map': 'SSL:SSL,CONTROLLER:SSL',
    'inter.broker.listener.name': 'SSL',
    'ssl.client.auth': 'required',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': mounted('keystore', 'keystore.pem'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': mounted('tls', 'ca.crt'),
    'ssl.enabled.protocols': 'TLSv1.3',
    'log.dirs': logFolder,
    'auto.create.topics.enable': false,
    'num.partitions': kafka.partitions,
    'default.replication.factor': kafka.replicas,
    'min.insync.replicas': kafka.minInSync,
    'offsets.topic.replication.factor': kafka.replicas,
    'offsets.topic.num.partitions': Math.min(50, kafka.partitions),
    'transaction.state.log.replication.factor': kafka.replicas,
    'transaction.state.log.min.isr': kafka.minInSync,
    'transaction.state.log.num.partitions': Math.min(50, kafka.partitions),
    'share.coordinator.state.topic.replication.factor': kafka.replicas,
    'share.coordinator.state.topic.min.isr': kafka.minInSync,
    'group.initial.rebalance.delay.ms': 0,
    'unclean.leader.election.enable': false,
    'message.max.bytes': largest,
    'replica.fetch.max.bytes': largest,
  }
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** JVM options for a pod of `memory` bytes: most of the rest is the page cache, which Kafka lives on. */
function heap(memory: number): string[] {
  const mebibytes = Math.floor((memory * 0.45) / 2 ** 20)
  return [`-Xms${mebibytes}m`, `-Xmx${mebibytes}m`, '-XX:+UseG1GC', '-XX:+ExitOnOutOfMemoryError']
}

/** Kafka without ZooKeeper. The pods format their own volume before the first start. */
export class Kafka extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'kafka', scope)
    const count = replicas(scope, 'kafka')
    const certificate = scope.context.secrets.certificates?.kafka
    const size = scope.policy.sizes.kafka
    if (!certificate || !size)
      throw new RangeError('Kafka needs its certificate in the context and its size in the environment.')
    new Workload(this, scope, {
      service: 'kafka',
      kind: 'stateful',
      replicas: count,
      config: Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`kafka-${i}.properties`, brokerProperties(scope, i)]),
      ),
      perPod: { [properties]: '$(ND_POD).properties' },
      secrets: {
        keystore: {
          'keystore.pem': derive([certificate.key, certificate.certificate], (key, chain) => `${key}\n${chain}`),
        },
      },
      init: [
        {
          name: 'format',
          args: [
            '-Xmx128m',
            'kafka.tools.StorageTool',
            'format',
            '--ignore-formatted',
            '--cluster-id',
            clusterId(scope),
            '--config',
            properties,
          ],
        },
      ],
      args: [...heap(bytes(size.memory)), 'kafka.Kafka', properties],
      probes: {
        alive: { kind: 'tcp', port: port(scope, 'kafka', 'kafka') },
        ready: { kind: 'tcp', port: port(scope, 'kafka', 'kafka') },
      },
    })
  }
}
