import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { milliseconds } from '../../../policies/model/units.ts'
import { sharding } from '../../../policies/sharding.ts'
import type { Producer } from '../bus/bus.ts'
import type { Log } from '../log/log.ts'

/** What a shard can say of its part in a move. */
export const reportable = ['ready', 'copied', 'caught-up', 'stopped', 'owned', 'forgotten'] as const
export type Progress = (typeof reportable)[number]

export interface MoveReport {
  readonly move: string
  readonly slot: number
  readonly is: Progress
  /** copied: of the snapshot; stopped: the cut; owned: of its own first snapshot. */
  readonly offset?: bigint
  /** caught-up: records behind the end of the partition. */
  readonly lag?: number
}

/** All that is true of a shard now. */
export interface ShardReport {
  readonly shard: number
  /** One process: the manager listens to the newest alone. */
  readonly incarnation: string
  /** The version of the map that the shard acts on. */
  readonly map: number
  readonly at: number
  readonly moves: readonly MoveReport[]
}

/** Events a second by slot, of the slots that a shard owns and that had any. */
export interface LoadReport {
  readonly shard: number
  readonly incarnation: string
  readonly slots: ReadonlyMap<number, number>
}

const format = 1

export const reportKey = (shard: number): string => `report/${shard}`
export const loadKey = (shard: number): string => `load/${shard}`

export const encodeReport = ({ moves, ...report }: ShardReport): Buffer =>
  Buffer.from(
    JSON.stringify({
      format,
      ...report,
      moves: moves.map((m) => ({ ...m, ...(m.offset === undefined ? {} : { offset: m.offset.toString() }) })),
    }),
  )

export const encodeLoad = ({ slots, ...load }: LoadReport): Buffer =>
  Buffer.from(
    JSON.stringify({ format, ...load, slots: [...slots].map(([s, rate]) => [s, Math.round(rate * 10) / 10]) }),
  )

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** The report in a value, or undefined: the manager goes on without what it cannot read. */
export function decodeReport(value: Buffer): ShardReport | undefined {
  try {
    const wire = JSON.parse(value.toString('utf8'))
    const { shard, incarnation, map, at, moves } = wire
    if (wire.format !== format || !isCount(shard) || !isCount(map) || typeof incarnation !== 'string') return undefined
    const read = (moves as readonly (Omit<MoveReport, 'offset'> & { readonly offset?: string })[]).map(
      ({ move, slot, is, offset, lag }): MoveReport => {
        if (typeof move !== 'string' || !isCount(slot) || !reportable.includes(is)) throw new Error('no move')
        return {
          move,
          slot,
          is,
          ...(offset === undefined ? {} : { offset: BigInt(offset) }),
          ...(lag === undefined ? {} : { lag }),
        }
      },
    )
    return { shard, incarnation, map, at: Number(at), moves: read }
  } catch {
    return undefined
  }
}

/** The loads in a value, or undefined. */
export function decodeLoad(value: Buffer): LoadReport | undefined {
  try {
    const { format: found, shard, incarnation, slots } = JSON.parse(value.toString('utf8'))
    if (found !== format || !isCount(shard) || typeof incarnation !== 'string') return undefined
    const pairs = (slots as readonly (readonly [number, number])[]).filter(([s, rate]) => isCount(s) && rate >= 0)
    return { shard, incarnation, slots: new Map(pairs) }
  } catch {
    return undefined
  }
}

export interface ShardReportsOptions {
  readonly producer: Pick<Producer, 'send'>
  readonly shard: number
  /** Names this process; unique for ever. Default: made up. */
  readonly incarnation?: string
  readonly log: Log
  /** How often to repeat while there are moves, milliseconds. Default: the policy's. */
  readonly repeatMs?: number
  readonly now?: () => number
}

const retryMs = 500
/** How often a report is repeated while there are moves. */
export const repeatEveryMs = milliseconds(sharding.moves.report)

/** How a shard tells the manager what it does. It keeps the last word of it: nothing waits for the manager. */
export class ShardReports {
  readonly #options: ShardReportsOptions & { readonly incarnation: string }
  readonly #ended = new AbortController()
  #latest: Pick<ShardReport, 'map' | 'moves'> | undefined
  #latestLoad: ReadonlyMap<number, number> | undefined
  #wake = Promise.withResolvers<void>()
  readonly #running: Promise<void>

  constructor(options: ShardReportsOptions) {
    this.#options = { incarnation: randomUUID(), ...options }
    this.#running = this.#run()
  }

  /** All that is true now; replaces what was said before. Sent soon, again until acknowledged, and repeated while there are moves. */
  put(report: Pick<ShardReport, 'map' | 'moves'>): void {
    this.#latest = report
    this.#wake.resolve()
  }

  /** Events a second by slot. */
  load(slots: ReadonlyMap<number, number>): void {
    this.#latestLoad = slots
    this.#wake.resolve()
  }

  async close(): Promise<void> {
    this.#ended.abort()
    this.#wake.resolve()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended
    const { repeatMs = repeatEveryMs } = this.#options
    while (!signal.aborted) {
      const repeats = this.#latest !== undefined && this.#latest.moves.length > 0
      await Promise.race([this.#wake.promise, ...(repeats ? [pause(repeatMs, signal)] : [])])
      this.#wake = Promise.withResolvers()
      if (!signal.aborted && !(await this.#send())) {
        await pause(retryMs, signal)
        this.#wake.resolve()
      }
    }
  }

  async #send(): Promise<boolean> {
    const { producer, shard, incarnation, log, now = Date.now } = this.#options
    const [report, load] = [this.#latest, this.#latestLoad]
    const to = { topic: 'shards.reports', partition: 0 } as const
    const records = [
      ...(report
        ? [
            {
              ...to,
              key: Buffer.from(reportKey(shard)),
              value: encodeReport({ shard, incarnation, at: now(), ...report }),
            },
          ]
        : []),
      ...(load
        ? [{ ...to, key: Buffer.from(loadKey(shard)), value: encodeLoad({ shard, incarnation, slots: load }) }]
        : []),
    ]
    try {
      await producer.send(records)
      if (this.#latestLoad === load) this.#latestLoad = undefined
      return true
    } catch (error) {
      log.warn('What this shard does could not be reported; trying again.', { error })
      return false
    }
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> => delay(ms, undefined, { signal }).catch(() => {})
