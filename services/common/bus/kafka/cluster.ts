import { setTimeout as delay } from 'node:timers/promises'
import type { KafkaOptions } from './options.ts'
import type { Api } from './wire/api.ts'
import { apiVersions, type BrokerAddress, findCoordinator, metadata } from './wire/cluster-apis.ts'
import { Connection, ConnectionError, type ConnectionLimits } from './wire/connection.ts'
import { KafkaError, refuse } from './wire/errors.ts'
import { requireVersions } from './wire/versions.ts'

/** A broker works on one request of a connection at a time: what may wait long must not hold up the rest. */
export type Purpose = 'ask' | 'produce' | 'fetch' | 'group'

/** Leaders are asked for anew after this time at the latest, milliseconds. */
const maxAgeMs = 60_000
const leastPauseMs = 100

interface TopicView {
  readonly at: number
  readonly error: number
  /** Node by partition; -1: no leader now. */
  readonly leaders: ReadonlyMap<number, number>
  /** Partitions that lack a replica in sync. */
  readonly lacking: number
}

/** What one client knows of the brokers, and its connections to them. Methods reject with ConnectionError or KafkaError. */
export class Cluster {
  readonly #options: KafkaOptions
  readonly #limits: ConnectionLimits
  readonly #connections = new Map<string, Promise<Connection>>()
  readonly #brokers = new Map<number, BrokerAddress>()
  readonly #topics = new Map<string, TopicView>()
  readonly #wanted = new Set<string>()
  readonly #coordinators = new Map<string, number>()
  #refreshing: Promise<void> | undefined
  #refreshedAt = Number.NEGATIVE_INFINITY
  #versionsKnown = false
  #turn = 0
  #closed = false

  constructor(options: KafkaOptions, limits: Partial<ConnectionLimits> = {}) {
    this.#options = options
    this.#limits = { connectTimeoutMs: 5_000, requestTimeoutMs: 15_000, ...limits }
  }

  /** The leaders of a topic's partitions. */
  async leaders(topic: string): Promise<ReadonlyMap<number, number>> {
    this.#wanted.add(topic)
    // A question that is under way may not be about this topic.
    if (!this.#isFresh(topic)) await this.#refreshing?.catch(() => {})
    if (!this.#isFresh(topic)) await this.refresh()
    const view = this.#topics.get(topic)
    refuse(view?.error ?? 3, `to describe ${topic}`)
    return view!.leaders
  }

  #isFresh(topic: string): boolean {
    const view = this.#topics.get(topic)
    return view !== undefined && view.error === 0 && performance.now() - view.at < maxAgeMs
  }

  /** The leaders as far as they are known without waiting; old knowledge is renewed meanwhile. */
  knownLeaders(topic: string): ReadonlyMap<number, number> | undefined {
    const view = this.#topics.get(topic)
    if (view === undefined || view.error !== 0) return undefined
    if (!this.#isFresh(topic)) this.refresh().catch(() => {})
    return view.leaders
  }

  /** Partitions of the topics asked about that lacked a replica in sync when leaders were last asked for. */
  get underReplicated(): number {
    return [...this.#topics.values()].reduce((sum, { lacking }) => sum + lacking, 0)
  }

  /** Asks anew who leads what; many at once share one question. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#askLeaders().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #askLeaders(): Promise<void> {
    const pause = this.#refreshedAt + leastPauseMs - performance.now()
    if (pause > 0) await delay(pause)
    this.#refreshedAt = performance.now()
    const topics = [...this.#wanted]
    const answer = await this.ask(metadata, topics)
    this.#brokers.clear()
    for (const broker of answer.brokers) this.#brokers.set(broker.node, broker)
    const at = performance.now()
    for (const { name, error, partitions } of answer.topics)
      this.#topics.set(name, {
        at,
        error,
        leaders: new Map(partitions.map(({ partition, leader }) => [partition, leader])),
        lacking: partitions.filter(({ replicas, inSync }) => inSync < replicas).length,
      })
  }

  /** The connection to a broker for one purpose, opened when there is none. */
  connection(node: number, purpose: Purpose): Promise<Connection> {
    const address = this.#brokers.get(node)
    if (address === undefined) return Promise.reject(new KafkaError(8, `a connection, for node ${node} is not known`))
    return this.#connect(address, purpose)
  }

  async #connect({ host, port }: Pick<BrokerAddress, 'host' | 'port'>, purpose: Purpose): Promise<Connection> {
    const key = `${purpose}/${host}:${port}`
    const existing = this.#connections.get(key)
    if (existing !== undefined) {
      const connection = await existing.catch(() => undefined)
      if (connection?.open) return connection
      if (this.#connections.get(key) === existing) this.#connections.delete(key)
      else return this.#connect({ host, port }, purpose)
    }
    if (this.#closed) throw new ConnectionError('DISCONNECTED', 'The client is closed.')
    const opening = this.#open({ host, port })
    this.#connections.set(key, opening)
    return opening
  }

  async #open(address: Pick<BrokerAddress, 'host' | 'port'>): Promise<Connection> {
    const connection = await Connection.open(this.#options, address, this.#limits)
    try {
      if (this.#closed) throw new ConnectionError('DISCONNECTED', 'The client is closed.')
      if (!this.#versionsKnown) {
        const { error, ranges } = await connection.request(apiVersions, undefined)
        refuse(error, 'to say its versions')
        requireVersions(ranges)
        this.#versionsKnown = true
      }
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  /** Asks any broker. */
  async ask<Request, Answer>(api: Api<Request, Answer>, request: Request): Promise<Answer> {
    return (await this.#any()).request(api, request)
  }

  /** A connection to any broker that can be reached, known ones first. */
  async #any(): Promise<Connection> {
    const seeds = this.#options.brokers.map((address) => {
      const colon = address.lastIndexOf(':')
      return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) }
    })
    const known = [...this.#brokers.values()]
    // Not always the same one first, so that one that accepts connections and answers nothing holds up every other attempt only.
    const turn = this.#turn++
    const turned = <T>(list: readonly T[]) => list.map((_, index) => list[(index + turn) % list.length]!)
    let failure: unknown
    for (const address of [...turned(known), ...turned(seeds)]) {
      try {
        return await this.#connect(address, 'ask')
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  /** The broker that keeps a group. Forget it (`forgetCoordinator`) when a request to it failed. */
  async coordinator(group: string, purpose: Purpose): Promise<Connection> {
    const known = this.#coordinators.get(group)
    if (known !== undefined && this.#brokers.has(known)) return this.connection(known, purpose)
    const { error, ...broker } = await this.ask(findCoordinator, group)
    refuse(error, `to say who keeps the group ${group}`)
    this.#brokers.set(broker.node, broker)
    this.#coordinators.set(group, broker.node)
    return this.connection(broker.node, purpose)
  }

  forgetCoordinator(group: string): void {
    this.#coordinators.delete(group)
  }

  close(): void {
    this.#closed = true
    for (const opening of this.#connections.values())
      opening.then(
        (connection) => connection.close(),
        () => {},
      )
    this.#connections.clear()
  }
}
