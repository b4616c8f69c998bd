import { performance } from 'node:perf_hooks'
import { setTimeout as delay, setImmediate as macrotask } from 'node:timers/promises'
import type { Kafka, Producer as KafkaJsProducer, RecordMetadata, TopicMessages } from 'kafkajs'
import type { OutgoingRecord, Producer, Removal } from '../bus.ts'
import { BusError } from '../errors.ts'
import { maxValueBytes, Outbox, type Round } from '../outbox.ts'
import { briefRetries, type KafkaOptions, kafkaClient } from './client.ts'

export interface KafkaProducerOptions extends KafkaOptions {
  /** How long a `send` waits for its acknowledgement, milliseconds. */
  readonly ackTimeoutMs: number
  /** Bytes taken and not settled; beyond them `send` answers BACK_PRESSURE. */
  readonly maxQueuedBytes: number
  /**
   * Senders that come within this time share a request, milliseconds. 0: a record leaves in the turn after it came, unless a request is under way.
   * Default: 2.
   */
  readonly lingerMs?: number
  /** For tests: a kafkajs client other than over mutual TLS. */
  readonly client?: Pick<Kafka, 'producer'>
}

const maxRoundBytes = 8 * 2 ** 20
const maxPauseMs = 2_000

/**
 * Idempotent, acks=all, and one request at a time.
 *
 * kafkajs takes a sequence number back when a request fails. A request that failed here may have been written there, and the next one
 * would then carry its numbers: the broker takes it for a repetition, acknowledges it and drops it. So nothing else is sent
 * while a request is being retried, and after a failure for good the producer is thrown away with its numbers.
 * kafkajs also resolves without having sent a partition whose leader moved in mid-retry, so every partition's answer is looked for.
 */
export class KafkaProducer implements Producer {
  readonly #options: KafkaProducerOptions
  readonly #client: Pick<Kafka, 'producer'>
  readonly #outbox = new Outbox(maxRoundBytes)
  #current: KafkaJsProducer | undefined
  #sending: Promise<void> | undefined
  #healthy = false
  #closed = false
  #giveUp = new AbortController()

  constructor(options: KafkaProducerOptions) {
    this.#options = options
    this.#client =
      options.client ?? kafkaClient(options, { requestTimeoutMs: options.ackTimeoutMs, retry: briefRetries })
  }

  get healthy(): boolean {
    return this.#healthy
  }

  get queued() {
    return { records: this.#outbox.records, bytes: this.#outbox.bytes }
  }

  /** Connects before the first record, again and again until it succeeds or `close`. */
  async connect(): Promise<void> {
    await this.#producer()
  }

  send(records: readonly (OutgoingRecord | Removal)[]): Promise<void> {
    if (this.#closed) return Promise.reject(new BusError('CLOSED', 'The producer is closed.'))
    if (records.length === 0) return Promise.resolve()
    const { ackTimeoutMs, maxQueuedBytes } = this.#options
    let size = 0
    for (const { topic, value } of records) {
      size += value?.length ?? 0
      if (value !== null && value.length > maxValueBytes(topic))
        return Promise.reject(
          new BusError(
            'TOO_LARGE',
            `A record of ${value.length} bytes exceeds the ${maxValueBytes(topic)} that ${topic} takes.`,
          ),
        )
    }
    const { bytes } = this.#outbox
    // A single call larger than the bound passes an empty outbox: it could never pass otherwise.
    if (bytes > 0 && bytes + size > maxQueuedBytes)
      return Promise.reject(new BusError('BACK_PRESSURE', `${bytes} bytes already wait for the brokers.`))
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => settle(new BusError('TIMEOUT', `The brokers did not acknowledge within ${ackTimeoutMs} ms.`)),
        ackTimeoutMs,
      )
      const settle = (error?: Error) => {
        clearTimeout(timer)
        error === undefined ? resolve() : reject(error)
      }
      this.#outbox.add(records, { left: records.length, deadline: performance.now() + ackTimeoutMs, settle })
      this.#sending ??= this.#run()
    })
  }

  async #run(): Promise<void> {
    try {
      const { lingerMs = 2 } = this.#options
      await (lingerMs === 0 ? macrotask() : delay(lingerMs))
      while (this.#outbox.records > 0) {
        const producer = await this.#producer()
        const round = this.#outbox.next(performance.now())
        if (round.waiting.length === 0) continue
        if (producer === undefined) this.#outbox.done(round, new BusError('CLOSED', 'The producer was closed.'))
        else await this.#attempt(producer, round)
      }
    } finally {
      // In the same turn as the last look at the outbox: whoever comes in between would wait for the next caller.
      this.#sending = undefined
    }
  }

  async #attempt(producer: KafkaJsProducer, round: Round): Promise<void> {
    try {
      const topicMessages = grouped(round)
      const answers = await producer.sendBatch({ acks: -1, timeout: this.#options.ackTimeoutMs, topicMessages })
      refuseGaps(topicMessages, answers)
      this.#healthy = true
      this.#outbox.done(round)
    } catch (cause) {
      this.#healthy = false
      this.#current = undefined
      this.#options.log.warn('The brokers did not take a request; its senders are asked to repeat theirs.', {
        error: cause,
        recordCount: round.waiting.length,
      })
      this.#outbox.done(
        round,
        new BusError('UNAVAILABLE', 'The brokers did not take the records; send the same batch again.', { cause }),
      )
      void producer.disconnect().catch(() => {})
    }
  }

  /** The current producer, or a new one with a number of its own. Undefined once closed for good. */
  async #producer(): Promise<KafkaJsProducer | undefined> {
    for (let pause = 50; this.#current === undefined; pause = Math.min(2 * pause, maxPauseMs)) {
      if (this.#giveUp.signal.aborted) return undefined
      const fresh = this.#client.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        metadataMaxAge: 60_000,
        retry: briefRetries,
        createPartitioner:
          () =>
          ({ message }) =>
            message.partition!,
      })
      try {
        await fresh.connect()
        this.#current = fresh
        this.#healthy = true
      } catch (error) {
        this.#healthy = false
        this.#options.log.warn('The brokers cannot be reached; trying again.', { error })
        void fresh.disconnect().catch(() => {})
        await delay(pause, undefined, { signal: this.#giveUp.signal }).catch(() => {})
      }
    }
    return this.#current
  }

  async close(): Promise<void> {
    this.#closed = true
    const timer = setTimeout(() => this.#giveUp.abort(), this.#options.ackTimeoutMs)
    await this.#sending
    clearTimeout(timer)
    this.#giveUp.abort()
    await this.#current?.disconnect()
    this.#current = undefined
    this.#healthy = false
  }
}

function grouped({ waiting }: Round): TopicMessages[] {
  const topics = new Map<string, TopicMessages['messages']>()
  for (const { record } of waiting) {
    const { topic, partition, key, value } = record
    const messages = topics.get(topic) ?? []
    if (messages.length === 0) topics.set(topic, messages)
    messages.push({ key, value, partition })
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }))
}

function refuseGaps(sent: readonly TopicMessages[], answers: readonly RecordMetadata[]): void {
  const acknowledged = new Set(
    answers.filter((a) => a.errorCode === 0).map(({ topicName, partition }) => `${topicName}:${partition}`),
  )
  for (const { topic, messages } of sent)
    for (const { partition } of messages)
      if (!acknowledged.has(`${topic}:${partition}`))
        throw new Error(`No broker acknowledged partition ${partition} of ${topic}.`)
}
