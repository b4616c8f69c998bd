import { setTimeout as delay } from 'node:timers/promises'
import type { OutgoingRecord, Producer, Removal } from '../bus.ts'
import { BusError } from '../errors.ts'
import { maxValueBytes, Outbox } from '../outbox.ts'
import { Cluster } from './cluster.ts'
import { Lane, type ProducerIdentity } from './lane.ts'
import type { KafkaOptions } from './options.ts'
import { KafkaError, refuse } from './wire/errors.ts'
import { initProducerId, produce } from './wire/log-apis.ts'

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
  /** For tests: brokers other than real ones. */
  readonly cluster?: Pick<Cluster, 'ask' | 'leaders' | 'knownLeaders' | 'refresh' | 'connection' | 'close'>
}

const maxRoundBytes = 8 * 2 ** 20
/** So many bytes leave without waiting for more. */
const fullBytes = 512 * 2 ** 10
const maxPauseMs = 2_000
const maxRetryPauseMs = 500
/** A broker that stands still is left after this time, milliseconds. */
const maxRequestMs = 10_000
/** More would be worked on one after the other by the broker all the same, and shared by fewer senders. */
const requestsPerBroker = 1

/**
 * Idempotent, acks=all: one batch at a time of each partition (see Lane), one request at a time to each broker. What fails is repeated with the same
 * bytes until its senders stop waiting; what was acknowledged was written, once and in order.
 */
export class KafkaProducer implements Producer {
  readonly #options: KafkaProducerOptions
  readonly #cluster: NonNullable<KafkaProducerOptions['cluster']>
  readonly #outbox = new Outbox(maxRoundBytes)
  readonly #lanes = new Map<string, Lane>()
  /** Those with a batch. */
  readonly #busy = new Set<Lane>()
  readonly #requests = new Map<number, number>()
  readonly #lingerMs: number
  #identity: ProducerIdentity | undefined
  #identifying: Promise<void> | undefined
  #learning = false
  #timer: NodeJS.Timeout | undefined
  #wakeAt = Number.POSITIVE_INFINITY
  #oldest = Number.POSITIVE_INFINITY
  #idle: (() => void) | undefined
  #healthy = false
  #warned = false
  #closed = false
  readonly #giveUp = new AbortController()

  constructor(options: KafkaProducerOptions) {
    this.#options = options
    this.#lingerMs = options.lingerMs ?? 2
    const requestTimeoutMs = Math.min(options.ackTimeoutMs, maxRequestMs)
    this.#cluster = options.cluster ?? new Cluster(options, { requestTimeoutMs })
  }

  get healthy(): boolean {
    return this.#healthy
  }

  get queued() {
    return { records: this.#outbox.records, bytes: this.#outbox.bytes }
  }

  /** Connects before the first record, again and again until it succeeds or `close`. */
  async connect(): Promise<void> {
    await this.#identify()
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
      const now = performance.now()
      this.#outbox.add(records, { left: records.length, deadline: now + ackTimeoutMs, settle })
      if (now < this.#oldest) this.#oldest = now
      // Behind a request that is under way its answer is what to wait for.
      if (records.every((record) => this.#waitsForAnswer(record))) return
      this.#wake(this.#outbox.bytes >= fullBytes ? 0 : this.#oldest + this.#lingerMs - now)
    })
  }

  #waitsForAnswer({ topic, partition }: OutgoingRecord | Removal): boolean {
    const node = this.#cluster.knownLeaders(topic)?.get(partition)
    return node !== undefined && (this.#requests.get(node) ?? 0) >= requestsPerBroker
  }

  /** Looks after everything in so many milliseconds, or before. */
  #wake(inMs: number): void {
    const at = performance.now() + Math.max(0, inMs)
    if (at >= this.#wakeAt) return
    this.#wakeAt = at
    clearTimeout(this.#timer)
    const look = () => {
      if (this.#wakeAt !== at) return
      this.#wakeAt = Number.POSITIVE_INFINITY
      this.#look()
    }
    if (inMs <= 0) setImmediate(look)
    else this.#timer = setTimeout(look, inMs)
  }

  /** Sends what can be sent now, and sees to it that this is called again for the rest. */
  #look(): void {
    const now = performance.now()
    this.#outbox.expire(now)
    for (const lane of this.#busy)
      if (!lane.batch!.underWay && lane.batch!.deadline <= now)
        this.#abandon(lane, new BusError('TIMEOUT', 'The brokers did not acknowledge in time.'))
    if (this.#outbox.records === 0) {
      this.#oldest = Number.POSITIVE_INFINITY
      this.#idle?.()
      return
    }
    const identity = this.#identity
    if (identity === undefined) {
      void this.#identify()
      this.#wake(maxRetryPauseMs)
      return
    }
    const leaders = this.#leaders()
    for (const node of new Set(leaders.values())) this.#fill(node, leaders, identity, now)
    if (!this.#outbox.waits) this.#oldest = Number.POSITIVE_INFINITY
    let next = now + maxRetryPauseMs
    for (const { batch } of this.#busy)
      if (batch !== undefined && !batch.underWay) next = Math.min(next, Math.max(batch.notBefore, now + 1))
    this.#wake(next - now)
  }

  /** The leader of each partition that something waits for; of those without one the brokers are asked again. */
  #leaders(): ReadonlyMap<Lane, number> {
    const found = new Map<Lane, number>()
    const unknown = new Set<string>()
    const find = (lane: Lane) => {
      const node = this.#cluster.knownLeaders(lane.topic)?.get(lane.partition) ?? -1
      if (node < 0) unknown.add(lane.topic)
      else found.set(lane, node)
    }
    for (const lane of this.#busy) find(lane)
    for (const record of this.#outbox.heads()) find(this.#lane(record))
    if (unknown.size > 0) void this.#learn([...unknown])
    return found
  }

  async #learn(topics: readonly string[]): Promise<void> {
    if (this.#learning) return
    this.#learning = true
    try {
      const known = topics.filter((topic) => this.#cluster.knownLeaders(topic) !== undefined)
      if (known.length > 0) await this.#cluster.refresh()
      for (const topic of topics) await this.#cluster.leaders(topic)
    } catch (error) {
      this.#failed('The leaders of partitions are not known yet; asking again.', error)
      await delay(maxRetryPauseMs / 2)
    }
    this.#learning = false
    this.#wake(0)
  }

  #fill(node: number, leaders: ReadonlyMap<Lane, number>, identity: ProducerIdentity, now: number): void {
    if ((this.#requests.get(node) ?? 0) >= requestsPerBroker) return
    const lanes: Lane[] = []
    for (const lane of this.#busy)
      if (!lane.batch!.underWay && lane.batch!.notBefore <= now && leaders.get(lane) === node) lanes.push(lane)
    const { waiting } = this.#outbox.next(now, (record) => {
      const lane = this.#lane(record)
      return lane.batch === undefined && leaders.get(lane) === node
    })
    const clock = Date.now()
    for (const [lane, list] of Map.groupBy(waiting, ({ record }) => this.#lane(record))) {
      lane.begin(list, identity, clock)
      this.#busy.add(lane)
      lanes.push(lane)
    }
    if (lanes.length > 0) void this.#request(node, lanes)
  }

  async #request(node: number, lanes: readonly Lane[]): Promise<void> {
    this.#requests.set(node, (this.#requests.get(node) ?? 0) + 1)
    for (const { batch } of lanes) batch!.underWay = true
    let answers = new Map<string, number>()
    let failure: unknown
    try {
      const connection = await this.#cluster.connection(node, 'produce')
      const batches = lanes.map(({ topic, partition, batch }) => ({ topic, partition, bytes: batch!.bytes }))
      const timeoutMs = Math.min(this.#options.ackTimeoutMs, maxRequestMs)
      const answer = await connection.request(produce, { timeoutMs, batches })
      answers = new Map(answer.map(({ topic, partition, error }) => [`${topic}:${partition}`, error]))
    } catch (error) {
      failure = error
    }
    this.#requests.set(node, this.#requests.get(node)! - 1)
    for (const lane of lanes) this.#answered(lane, answers.get(`${lane.topic}:${lane.partition}`), failure)
    if (this.#outbox.records === 0) this.#idle?.()
    else if (this.#outbox.waits) this.#wake(this.#oldest + this.#lingerMs - performance.now())
  }

  /** `code`: what the broker said of the batch; undefined: nothing, and it may have been written. */
  #answered(lane: Lane, code: number | undefined, failure: unknown): void {
    const batch = lane.batch!
    batch.underWay = false
    const error =
      code === undefined
        ? (failure ?? new Error(`The broker said nothing of partition ${lane.partition} of ${lane.topic}.`))
        : code === 0
          ? undefined
          : new KafkaError(code, `records for partition ${lane.partition} of ${lane.topic}`)
    // Known as a repetition of what was written before: written.
    if (error === undefined || (error instanceof KafkaError && error.code === 'DUPLICATE_SEQUENCE_NUMBER')) {
      lane.written()
      this.#busy.delete(lane)
      this.#succeeded()
      this.#outbox.done(batch)
    } else if (error instanceof KafkaError && !error.retry) this.#refused(lane, error)
    else {
      this.#failed('The brokers did not acknowledge records; sending the same again.', error)
      batch.notBefore = performance.now() + pauseAfter(batch.attempts++)
      if (!(error instanceof KafkaError) || error.stale) void this.#learn([lane.topic])
      this.#wake(batch.notBefore - performance.now())
    }
  }

  #refused(lane: Lane, cause: KafkaError): void {
    const tooLarge = cause.code === 'MESSAGE_TOO_LARGE' || cause.code === 'RECORD_LIST_TOO_LARGE'
    this.#failed('The brokers refused records; their senders are told.', cause)
    this.#abandon(
      lane,
      tooLarge
        ? new BusError('TOO_LARGE', `The records exceed what ${lane.topic} takes.`, { cause })
        : new BusError('UNAVAILABLE', 'The brokers did not take the records; send the same batch again.', { cause }),
    )
  }

  /** The batch is over without being known to be written. */
  #abandon(lane: Lane, error: BusError): void {
    const batch = lane.batch!
    this.#busy.delete(lane)
    if (!lane.giveUp()) this.#identity = undefined
    this.#outbox.done(batch, error)
  }

  #failed(message: string, error: unknown): void {
    this.#healthy = false
    // Once, and again after something went well.
    this.#options.log[this.#warned ? 'debug' : 'warn'](message, { error })
    this.#warned = true
  }

  #succeeded(): void {
    this.#healthy = true
    this.#warned = false
  }

  #lane({ topic, partition }: { readonly topic: string; readonly partition: number }): Lane {
    const key = `${topic}:${partition}`
    let lane = this.#lanes.get(key)
    if (lane === undefined) {
      lane = new Lane(topic, partition)
      this.#lanes.set(key, lane)
    }
    return lane
  }

  #identify(): Promise<void> {
    this.#identifying ??= this.#askIdentity().finally(() => {
      this.#identifying = undefined
    })
    return this.#identifying
  }

  async #askIdentity(): Promise<void> {
    const { signal } = this.#giveUp
    for (let pause = 50; this.#identity === undefined && !signal.aborted; pause = Math.min(2 * pause, maxPauseMs)) {
      try {
        const { error, ...identity } = await this.#cluster.ask(initProducerId, undefined)
        refuse(error, 'to number a producer')
        this.#identity = identity
        this.#succeeded()
        this.#wake(0)
      } catch (error) {
        this.#failed('The brokers cannot be reached; trying again.', error)
        await delay(pause, undefined, { signal }).catch(() => {})
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#outbox.records > 0) {
      const timer = setTimeout(() => this.#idle?.(), this.#options.ackTimeoutMs)
      await new Promise<void>((resolve) => {
        this.#idle = resolve
      })
      clearTimeout(timer)
    }
    this.#giveUp.abort()
    clearTimeout(this.#timer)
    this.#wakeAt = Number.NEGATIVE_INFINITY
    this.#cluster.close()
    this.#healthy = false
  }
}

const pauseAfter = (attempts: number): number => Math.min(maxRetryPauseMs, 20 * 2 ** attempts)
