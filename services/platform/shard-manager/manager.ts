import type { ShardingPolicy } from '../../../policies/model/sharding.ts'
import { milliseconds } from '../../../policies/model/units.ts'
import type { Reader } from '../../common/bus/bus.ts'
import { HttpError } from '../../common/http/errors.ts'
import type { Log } from '../../common/log/log.ts'
import type { MapContent } from '../../common/sharding/map.ts'
import { advance, successor } from './advance.ts'
import { abort, begin, emptyMap, movesOf, shardsFor, type Wanted } from './change.ts'
import { loadsOf, type ShardLoad, shardLoads } from './loads.ts'
import { type Plan, type PlanInput, plan } from './plan/plan.ts'
import { ReportBook } from './reports.ts'
import { asked, type ChangeRequest } from './request.ts'
import type { MapWriter } from './writer.ts'

export interface ShardManagerOptions {
  readonly writer: MapWriter
  /** Of shards.reports. */
  readonly reports: Reader
  /** Of events.raw: where a slot that gets its first owner begins. */
  readonly events: Pick<Reader, 'endOffsets'>
  readonly policy: Pick<ShardingPolicy, 'maxLoad' | 'classes'> & {
    readonly moves: Pick<ShardingPolicy['moves'], 'inFlight' | 'stalled'>
  }
  /** Correlation engines that the environment has. */
  readonly shards: number
  readonly region: string
  readonly partitions: number
  readonly log: Log
  readonly now?: () => number
  /** Called about once a second and after every version. */
  readonly observe?: () => void
  /** For tests: another way to decide who should own what. */
  readonly plan?: typeof plan
}

/** A plan that somebody has seen, and may have carried out. */
export interface Offer {
  readonly plan: string
  /** The version that it is made for; another makes it void. */
  readonly base: number
  readonly cause: string
  readonly moves: number
  /** Of the load, 0 to 1. */
  readonly moved: number
  readonly findings: readonly string[]
  readonly before: readonly ShardLoad[]
  readonly after: readonly ShardLoad[]
}

/** Plans that are remembered: whoever wants an older one plans again. */
const offers = 16
/** How often time alone may have changed something. */
const tickMs = 1_000

/** Decides the next version of the map: from what operators ask for, and from what shards report. One thing at a time, all of it in the map. */
export class ShardManager {
  readonly #options: ShardManagerOptions
  readonly #book = new ReportBook()
  readonly #offers = new Map<string, { readonly offer: Offer; readonly wanted: Wanted }>()
  #stopFollowing: (() => Promise<void>) | undefined
  #timer: NodeJS.Timeout | undefined
  #turns: Promise<unknown> = Promise.resolve()
  #advancing = false
  #count = 0
  #closed = false

  constructor(options: ShardManagerOptions) {
    this.#options = options
  }

  /** The current version. Throws HttpError 503 before the start is over. */
  get map(): MapContent {
    const content = this.#options.writer.maps.current?.content
    if (content === undefined)
      throw new HttpError(503, 'STARTING', 'There is no map yet. Ask again in a moment.', {
        headers: { 'retry-after': '1' },
      })
    return content
  }

  /** What the shards carry now. */
  loads(): readonly ShardLoad[] {
    return shardLoads(this.map, this.map.owners, this.#loadOf(this.map))
  }

  /** The version that a shard has acted on, as it last said; undefined: it has said nothing. */
  seen(shard: number): number | undefined {
    return this.#book.of(shard)?.map
  }

  /** Takes over, makes the first version if there is none, and goes on with what is under way. Throws what claiming the map throws. */
  async start(): Promise<void> {
    const { writer, reports, log } = this.#options
    const next = await reports.toEnd(0, undefined, (records) => {
      for (const record of records) this.#book.apply(record)
    })
    await writer.claim()
    await this.#turn(() => this.#welcome())
    this.#stopFollowing = reports.follow(0, next, (records) => {
      for (const record of records) this.#book.apply(record)
      this.#wake()
    })
    this.#timer = setInterval(() => this.#wake(), tickMs)
    this.#wake()
    log.info('The shard map is looked after.', { version: this.map.version, moves: this.map.moves.length })
  }

  /** What a change would do. Changes nothing. Throws HttpError 400, 404, 409. */
  offer(request: ChangeRequest): Offer {
    const map = this.#idle()
    const { policy } = this.#options
    const { shards, placements } = asked(map, request, policy.classes)
    const loadOf = this.#loadOf(map)
    const { owners, findings } = this.#plan({
      ...map,
      shards,
      placements,
      loadOf,
      classes: policy.classes,
      maxLoad: policy.maxLoad,
    })
    const moves = movesOf(map, owners)
    const before = shardLoads(map, map.owners, loadOf)
    const total = map.owners.reduce((sum, _, slot) => sum + loadOf(slot), 0)
    const offer: Offer = {
      plan: `p${map.version}-${++this.#count}`,
      base: map.version,
      cause: request.cause || 'rebalance',
      moves: moves.length,
      moved: moves.reduce((sum, [slot]) => sum + loadOf(slot), 0) / total,
      findings,
      before,
      after: shardLoads({ ...map, shards }, owners, loadOf),
    }
    this.#offers.set(offer.plan, { offer, wanted: { shards, placements, owners } })
    for (const old of [...this.#offers.keys()].slice(0, -offers)) this.#offers.delete(old)
    return offer
  }

  /** Begins what an offer said. Throws HttpError 404 (nobody was offered it), 409 (the map has changed since; something is under way). */
  rebalance(id: string, actor: string, despite = false): Promise<MapContent> {
    return this.#turn(async () => {
      const found = this.#offers.get(id)
      if (!found) throw new HttpError(404, 'NO_SUCH_PLAN', 'This plan is not known (any more). Plan again.')
      const map = this.#idle()
      const { offer, wanted } = found
      if (offer.base !== map.version)
        throw new HttpError(
          409,
          'PLAN_IS_OLD',
          `The plan is for version ${offer.base}; the map has ${map.version}. Plan again.`,
        )
      if (offer.findings.length > 0 && !despite)
        throw new HttpError(
          409,
          'PLAN_HAS_FINDINGS',
          `The plan breaks promises: ${offer.findings.join(' ')} Send 'despite': true to do it all the same.`,
        )
      const ends = await this.#options.events.endOffsets()
      await this.#publish(begin(map, wanted, ends, { cause: offer.cause, actor, at: this.#now() }))
      this.#wake()
      return this.map
    })
  }

  /** Gives up what is under way, but for what is cut already. Throws HttpError 409 when nothing is. */
  abort(actor: string): Promise<MapContent> {
    return this.#turn(async () => {
      const next = abort(this.map, this.#now())
      if (next === undefined)
        throw new HttpError(409, 'NOTHING_TO_ABORT', 'No rebalance is under way that could be given up.')
      this.#options.log.info('A rebalance is given up.', { actor, rebalance: this.map.rebalance?.id })
      await this.#publish(next)
      this.#wake()
      return this.map
    })
  }

  /** Finishes the step in hand. Moves stay as they are; the next manager goes on with them. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#stopFollowing?.()
    await this.#turns.catch(() => {})
  }

  #plan(input: PlanInput): Plan {
    return (this.#options.plan ?? plan)(input)
  }

  #now(): number {
    return (this.#options.now ?? Date.now)()
  }

  #loadOf(map: MapContent): (slot: number) => number {
    return loadsOf(map, this.#book.rates())
  }

  #idle(): MapContent {
    const { map } = this
    if (map.rebalance !== undefined)
      throw new HttpError(
        409,
        'UNDER_WAY',
        `Rebalance ${map.rebalance.id} is under way: wait for it, or give it up (abort).`,
      )
    return map
  }

  /** One after the other, whoever asks. */
  #turn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turns.catch(() => {}).then(work)
    this.#turns = turn
    return turn
  }

  #publish(next: MapContent): Promise<void> {
    return this.#options.writer.publish(next)
  }

  /** The first version, or the shards that the environment has come to have since the last one. */
  async #welcome(): Promise<void> {
    const { writer, policy, shards, region, partitions } = this.#options
    const content = writer.maps.current?.content
    if (content === undefined) {
      const empty = emptyMap(partitions, [])
      const map = { ...empty, shards: shardsFor(empty, shards, region) }
      const { owners } = this.#plan({ ...map, loadOf: () => 1, classes: policy.classes, maxLoad: policy.maxLoad })
      const { rebalance: _, ...first } = begin(map, { shards: map.shards, placements: [], owners }, new Map(), {
        cause: 'first version',
        actor: 'shard-manager',
        at: this.#now(),
      })
      return this.#publish(first)
    }
    if (content.partitions !== partitions)
      throw new Error(
        `The map is for ${content.partitions} partitions and the policies say ${partitions}: they never change in place.`,
      )
    const now = shardsFor(content, shards, region)
    if (JSON.stringify(now) !== JSON.stringify(content.shards))
      await this.#publish(successor(content, this.#now(), { shards: now }))
  }

  #wake(): void {
    if (this.#advancing || this.#closed) return
    this.#advancing = true
    void this.#turn(() => this.#advance()).catch((error: unknown) => {
      if (!this.#closed) this.#options.log.error('The shard map could not be brought further; trying again.', { error })
    })
  }

  async #advance(): Promise<void> {
    const { inFlight, stalled } = this.#options.policy.moves
    const limits = { inFlight, stalledMs: milliseconds(stalled) }
    // What comes from now on is seen by the next look at the latest.
    this.#advancing = false
    for (;;) {
      const next = advance(this.map, (shard) => this.#book.of(shard), this.#now(), limits)
      this.#options.observe?.()
      if (next === undefined || this.#closed) return
      await this.#publish(next)
    }
  }
}
