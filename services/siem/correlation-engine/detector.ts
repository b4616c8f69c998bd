import { type Alert, eventOf, levelOf, refOf, ruleAlertId } from '../../common/alerts/alert.ts'
import type { PackedBatch } from '../../common/codec/body.ts'
import { CodecError } from '../../common/codec/errors.ts'
import { type LentBatch, lendRecord } from '../../common/codec/record.ts'
import { eventTime } from '../../common/events/time.ts'
import { Correlator, type CorrelatorOptions, type Detection } from './correlation/index.ts'
import type { CostWatch } from './cost-watch.ts'
import type { EngineCounts } from './metrics.ts'
import type { Pack } from './pack.ts'
import type { RecordTrace } from './record-trace.ts'

/** What is remembered of a slot, and the rules that it was remembered for. */
export interface SlotMemory {
  correlator: Correlator | undefined
  pack: Pack | undefined
}

export interface DetectorOptions {
  readonly correlator: CorrelatorOptions
  /** What a record may unfold to. */
  readonly maxRecordBytes: number
  /** The longest event that an alert carries, bytes. */
  readonly maxEvidenceBytes: number
  readonly watch: CostWatch
  readonly counts: EngineCounts
  readonly now?: () => number
}

type Found = (alert: Alert) => void

/** Turns records into alerts, by the rules of now. Rules may change between two records; what a slot remembers of unchanged ones stays. */
export class Detector {
  readonly #options: DetectorOptions
  readonly #hits: number[] = []
  #pack: Pack

  constructor(pack: Pack, options: DetectorOptions) {
    this.#pack = pack
    this.#options = options
  }

  get pack(): Pack {
    return this.#pack
  }

  use(pack: Pack): void {
    this.#pack = pack
  }

  /**
   * Looks at a record's events, and hands over what was found. `clock`: the arrival clock, milliseconds since the epoch. Answers how many events there
   * were. What cannot be read is counted; the hot sink keeps it as a dead letter. `trace`: told of a record that is in a trace.
   */
  record(memory: SlotMemory, value: Buffer, clock: number, found: Found, trace?: Pick<RecordTrace, 'decoded'>): number {
    const { counts, maxRecordBytes } = this.#options
    let batch: LentBatch
    try {
      batch = lendRecord(value, maxRecordBytes)
    } catch (error) {
      counts.unreadable(error instanceof CodecError ? error.code : 'INTERNAL')
      return 0
    }
    trace?.decoded()
    this.clock(memory, clock, found)
    const events = batch.lines.length
    for (let i = 0; i < events; i++) this.#event(memory, batch, i, found)
    batch.done()
    counts.events(events)
    return events
  }

  /**
   * Moves a slot's arrival clock, which settles what waited for it, and bounds what an event with a clock ahead can do: also the first one of a slot. A broker may
   * not have told the time: that is 0.
   */
  clock(memory: SlotMemory, clock: number, found: Found): void {
    if (clock <= 0 || (memory.correlator === undefined && this.#pack.correlations.length === 0)) return
    for (const detection of this.#correlatorOf(memory).advance(clock)) this.#correlated(detection, clock, found)
  }

  /** What is remembered, for a snapshot; empty where there is nothing. */
  save({ correlator }: SlotMemory): Buffer {
    return correlator?.snapshot() ?? Buffer.alloc(0)
  }

  /** Takes what was saved over. Answers why it could not be; the slot then begins anew. */
  restore(memory: SlotMemory, state: Buffer): string | undefined {
    memory.correlator = undefined
    memory.pack = undefined
    if (state.length === 0) return undefined
    try {
      this.#correlatorOf(memory).restore(state)
      return undefined
    } catch (error) {
      memory.correlator = undefined
      return (error as Error).message
    }
  }

  #correlatorOf(memory: SlotMemory): Correlator {
    const { pack } = this
    if (memory.correlator && memory.pack === pack) return memory.correlator
    const before = memory.correlator?.snapshot()
    const correlator = new Correlator(pack.correlations, this.#options.correlator)
    if (before) correlator.restore(before)
    memory.correlator = correlator
    memory.pack = pack
    return correlator
  }

  #event(memory: SlotMemory, batch: PackedBatch, i: number, found: Found): void {
    const { counts, watch } = this.#options
    // Whatever is kept of an event is kept of this copy.
    const text = batch.bytes.toString('utf8', batch.offsets[i], batch.offsets[i + 1])
    let event: Readonly<Record<string, unknown>>
    try {
      const parsed: unknown = JSON.parse(text)
      if (typeof parsed !== 'object' || parsed === null) return
      event = parsed as Record<string, unknown>
    } catch {
      counts.unreadable('JSON')
      return
    }
    const { ruleSet, correlations, silenced } = this.#pack
    const hits = this.#hits
    hits.length = 0
    watch.match(this.#pack, event, hits)
    if (hits.length === 0) return
    counts.matches(hits.length)
    const { tenant, arrival } = batch
    const time = eventTime(event, arrival)
    const line = batch.lines[i]!
    for (const rule of hits) {
      if (!silenced.has(rule)) found(this.#matched(batch, i, rule, time, text))
      if (correlations.length === 0) continue
      const correlator = this.#correlatorOf(memory)
      if (!correlator.wants(rule)) continue
      const field = (name: string): unknown => ruleSet.field(event, name)
      for (const detection of correlator.observe({ rule, tenant, time, ref: refOf(batch.batch, line), field }))
        this.#correlated(detection, arrival, found)
    }
  }

  #matched(
    { tenant, batch, lines, offsets, arrival }: PackedBatch,
    i: number,
    index: number,
    time: number,
    text: string,
  ): Alert {
    const { maxEvidenceBytes, now = Date.now } = this.#options
    const rule = this.#pack.ruleSet.rules[index]!
    return {
      id: ruleAlertId(rule.id, tenant, batch, lines[i]!),
      tenant,
      kind: 'rule',
      rule: rule.id,
      title: rule.title,
      ...(rule.author === undefined ? {} : { author: rule.author }),
      level: levelOf(rule.level),
      tags: rule.tags,
      group: {},
      time,
      start: time,
      arrival,
      detected: now(),
      hits: 1,
      events: [[batch, lines[i]!]],
      ...(offsets[i + 1]! - offsets[i]! <= maxEvidenceBytes ? { event: text } : {}),
    }
  }

  #correlated({ id, rule, tenant, group, start, end, events, count }: Detection, arrival: number, found: Found): void {
    const { now = Date.now } = this.#options
    found({
      id,
      tenant,
      kind: 'correlation',
      rule: rule.id,
      title: rule.title,
      ...(rule.author === undefined ? {} : { author: rule.author }),
      level: levelOf(rule.level),
      tags: rule.tags,
      group,
      time: end,
      start,
      arrival,
      detected: now(),
      hits: count,
      events: events.map(eventOf),
    })
  }
}
