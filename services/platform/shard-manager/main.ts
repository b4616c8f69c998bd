import { environments } from '../../../policies/environments.ts'
import { milliseconds, seconds } from '../../../policies/model/units.ts'
import { objectives } from '../../../policies/objectives.ts'
import { sharding } from '../../../policies/sharding.ts'
import { kafkaAccess, kafkaConfig } from '../../common/bus/kafka/config.ts'
import { KafkaProducer } from '../../common/bus/kafka/producer.ts'
import { KafkaReader } from '../../common/bus/kafka/reader.ts'
import { entryServer } from '../../common/http/entry.ts'
import { httpMetrics } from '../../common/http/server.ts'
import { boot } from '../../common/process/boot.ts'
import { routesOf } from './api.ts'
import { ShardManager } from './manager.ts'
import { managerMetrics } from './metrics.ts'
import { Operators } from './operators.ts'
import { MapWriter } from './writer.ts'

const { ingest, query } = objectives
const { maxLoad, classes, moves } = sharding

await boot(
  'shard-manager',
  (env) => ({
    kafka: kafkaConfig(env),
    operatorsFile: env.text('ND_OPERATORS_FILE', '/etc/neurodefender/operators/operators.json'),
  }),
  async ({ config, log, metrics, lifecycle, tls, fileCounts }) => {
    const { region, environment } = config
    const operators = new Operators({ file: config.operatorsFile, log, counts: fileCounts })
    lifecycle.onStop('operators', () => operators.close())
    const kafka = { ...kafkaAccess({ config: config.kafka, region, tls, log }), clientId: `shard-manager.${region}` }
    const producer = new KafkaProducer({
      ...kafka,
      ackTimeoutMs: milliseconds(ingest.ackTimeout),
      maxQueuedBytes: 16 * 2 ** 20,
      lingerMs: 0,
    })
    lifecycle.onStop('producer', () => producer.close())
    const [mapReader, reports, events] = (['shards.map', 'shards.reports', 'events.raw'] as const).map((topic) => {
      const reader = new KafkaReader({ ...kafka, topic })
      lifecycle.onStop(`reader of ${topic}`, () => reader.close())
      return reader
    }) as [KafkaReader, KafkaReader, KafkaReader]
    const watch = managerMetrics(metrics, {
      map: () => writer.maps.current?.content,
      loads: () => manager.loads(),
      underReplicated: () => [mapReader, reports, events].reduce((sum, reader) => sum + reader.underReplicated, 0),
    })
    const writer = new MapWriter({ reader: mapReader, producer, log, refused: watch.refused })
    const manager = new ShardManager({
      writer,
      reports,
      events,
      policy: { maxLoad, classes, moves: { inFlight: moves.inFlight, stalled: moves.stalled } },
      shards: sharding.shards[environment],
      region,
      partitions: environments[environment].kafka.partitions,
      log,
      observe: watch.update,
    })
    // The manager waits for what it publishes; with the writer closed that ends at once, whatever the brokers do.
    lifecycle.onStop('manager', () => Promise.all([manager.close(), writer.close()]))
    lifecycle.check('kafka', () => (mapReader.healthy ? undefined : 'This process does not read the map.'))
    const endWhenLost = async () => {
      const error = await writer.lost
      log.error('Another shard manager writes the map.', { error })
      await lifecycle.stop(1)
    }
    void endWhenLost()
    const server = entryServer({
      entry: config.entry,
      tls,
      lifecycle,
      log,
      routes: routesOf(manager, operators),
      metrics: httpMetrics(metrics, seconds(query.timeout)),
    })
    await producer.connect()
    await manager.start()
    await server.listen()
    lifecycle.onStop('entry', () => server.stop(milliseconds(query.timeout)))
  },
)
