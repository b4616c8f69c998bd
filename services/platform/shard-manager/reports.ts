import type { ConsumedRecord } from '../../common/bus/bus.ts'
import { decodeLoad, decodeReport, type LoadReport, type ShardReport } from '../../common/sharding/report.ts'

/** Older processes of a shard that are remembered, so that a late word of theirs is not taken for news. */
const remembered = 32

/** What the shards said last. Nothing here decides who owns a slot: it only tells how far moves are. */
export class ReportBook {
  readonly #reports = new Map<number, ShardReport>()
  readonly #loads = new Map<number, LoadReport>()
  readonly #gone = new Map<number, string[]>()

  /** Takes on a record of shards.reports; false when it says nothing that counts. */
  apply({ value }: Pick<ConsumedRecord, 'value'>): boolean {
    if (value.length === 0) return false
    const report = decodeReport(value)
    if (report) return this.#take(report)
    const load = decodeLoad(value)
    if (load === undefined || this.#isGone(load)) return false
    this.#loads.set(load.shard, load)
    return true
  }

  of(shard: number): ShardReport | undefined {
    return this.#reports.get(shard)
  }

  /** Events a second by slot, of the slots that anybody measured. */
  rates(): ReadonlyMap<number, number> {
    const rates = new Map<number, number>()
    for (const { slots } of this.#loads.values()) for (const [slot, rate] of slots) rates.set(slot, rate)
    return rates
  }

  #isGone = ({ shard, incarnation }: Pick<ShardReport, 'shard' | 'incarnation'>): boolean =>
    this.#gone.get(shard)?.includes(incarnation) ?? false

  #take(report: ShardReport): boolean {
    if (this.#isGone(report)) return false
    const before = this.#reports.get(report.shard)
    if (before && before.incarnation !== report.incarnation)
      this.#gone.set(report.shard, [...(this.#gone.get(report.shard) ?? []), before.incarnation].slice(-remembered))
    this.#reports.set(report.shard, report)
    return true
  }
}
