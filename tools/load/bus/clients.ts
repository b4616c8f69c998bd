import { Consumer, Producer } from '@platformatic/kafka'
import type { TopicName } from '../../../policies/storage.ts'
import { briefRetries, kafkaClient } from '../../../services/common/bus/kafka/client.ts'
import { KafkaConsumer } from '../../../services/common/bus/kafka/consumer.ts'
import { KafkaProducer } from '../../../services/common/bus/kafka/producer.ts'
import type { Log } from '../../../services/common/log/log.ts'
import { readTls } from '../../../services/common/tls/material.ts'
import { OneAtATime, type Sent } from './one-at-a-time.ts'

export interface Place {
  readonly broker: string
  readonly tls: string
  readonly topic: TopicName
  readonly lingerMs: number
  /** A group of the run's own. */
  readonly group: string
  readonly log: Log
}

export interface Sending {
  /** Resolves when the record is acknowledged by all. */
  send(record: Sent): Promise<void>
  close(): Promise<void>
}

/** A client under test. Producers are idempotent with acks from all; consumers are members of a group and are told of single records. */
export interface BusClient {
  producer(place: Place): Promise<Sending>
  /** Resolves when it reads; the function it resolves with ends it. */
  consumer(place: Place, record: (value: Buffer) => void): Promise<() => Promise<void>>
}

const fetchWaitMs = 100
const base = ({ broker, tls, log }: Place) => ({
  brokers: [broker],
  tls: { current: readTls(tls) },
  clientId: 'bench',
  log,
})

const ours: BusClient = {
  async producer(place) {
    const { topic, lingerMs } = place
    const producer = new KafkaProducer({ ...base(place), ackTimeoutMs: 30_000, maxQueuedBytes: 64 * 2 ** 20, lingerMs })
    await producer.connect()
    return {
      send: ({ partition, value }) => producer.send([{ topic, partition, key: null, value }]),
      close: () => producer.close(),
    }
  },
  async consumer(place, record) {
    const { topic, group } = place
    const consumer = new KafkaConsumer({ ...base(place), group, topic })
    const { promise, resolve } = Promise.withResolvers<void>()
    await consumer.run({
      assigned: () => resolve(),
      revoked: () => {},
      records: (_, records) => {
        for (const { value } of records) record(value)
      },
    })
    await promise
    return () => consumer.close()
  },
}

const kafkajs: BusClient = {
  async producer(place) {
    const client = kafkaClient(base(place), { requestTimeoutMs: 30_000, retry: briefRetries })
    const producer = client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition!,
    })
    await producer.connect()
    const batches = new OneAtATime(place.lingerMs, async (records) => {
      const messages = records.map(({ partition, value }) => ({ partition, value, key: null }))
      await producer.sendBatch({ acks: -1, topicMessages: [{ topic: place.topic, messages }] })
    })
    return { send: (record) => batches.send(record), close: () => producer.disconnect() }
  },
  async consumer(place, record) {
    const client = kafkaClient(base(place), { requestTimeoutMs: 30_000, retry: briefRetries })
    const consumer = client.consumer({
      groupId: place.group,
      minBytes: 1,
      maxWaitTimeInMs: fetchWaitMs,
      maxBytes: 8 * 2 ** 20,
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    consumer.on(consumer.events.GROUP_JOIN, () => resolve())
    await consumer.connect()
    await consumer.subscribe({ topic: place.topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { value } of batch.messages) record(value!)
      },
    })
    await promise
    return () => consumer.disconnect()
  },
}

const platformatic: BusClient = {
  async producer({ broker, tls, topic, lingerMs }) {
    const producer = new Producer({
      clientId: 'bench',
      bootstrapBrokers: [broker],
      tls: readTls(tls),
      idempotent: true,
      autocreateTopics: false,
      retryDelay: 50,
    })
    await producer.connectToBrokers()
    const batches = new OneAtATime(lingerMs, async (records) => {
      await producer.send({ messages: records.map(({ partition, value }) => ({ topic, partition, value })) })
    })
    return { send: (record) => batches.send(record), close: () => producer.close() }
  },
  async consumer({ broker, tls, topic, group }, record) {
    const consumer = new Consumer({
      clientId: 'bench',
      groupId: group,
      bootstrapBrokers: [broker],
      tls: readTls(tls),
      autocommit: false,
      minBytes: 1,
      maxBytes: 8 * 2 ** 20,
      maxWaitTime: fetchWaitMs,
    })
    const stream = await consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest' })
    stream.on('data', ({ value }: { readonly value: Buffer }) => record(value))
    return async () => {
      await stream.close()
      await consumer.close()
    }
  },
}

export const clients = { ours, platformatic, kafkajs } as const satisfies Record<string, BusClient>
export type ClientName = keyof typeof clients
