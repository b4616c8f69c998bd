import { type Detection, detectionOf } from './detection.ts'
import { type Entry, openedAt } from './entry.ts'
import type { Group } from './group.ts'
import { measureOf } from './measure.ts'
import { type CorrelatorCounters, type CorrelatorOptions, noCounts } from './options.ts'
import { Room } from './room.ts'
import { type CorrelationRule, opensOf } from './rule.ts'
import { readSnapshot, writeSnapshot } from './snapshot.ts'
import { type Due, Table } from './table.ts'
import { groupOf, type Match, measured, type Taken } from './taken.ts'
import { dropIdle, firstDue, newTenant, type Tenant } from './tenant.ts'
import { type Occurrence, takenOf, type Use, usesOf } from './uses.ts'
import { groupValue, joinedKey, valueKey } from './values.ts'
import { View } from './view.ts'

const nothing: readonly Detection[] = []

/**
 * Correlates the matches of one slot, many tenants. Nothing of one tenant ever meets another's: each has groups, limits and a watermark
 * of its own. docs/correlations.md says what fires when.
 */
export class Correlator {
  readonly counters: CorrelatorCounters = noCounts()
  readonly #rules: readonly CorrelationRule[]
  readonly #options: CorrelatorOptions
  readonly #room: Room
  readonly #ofRule: ReadonlyMap<number, readonly Use[]>
  readonly #ofCorrelation: readonly (readonly Use[])[]
  /** Correlations whose windows are asked when they are over, whatever came meanwhile. */
  readonly #absences: readonly number[]
  readonly #tenants = new Map<string, Tenant>()
  /** The arrival clock; Infinity while nobody tells it. */
  #clock = Number.POSITIVE_INFINITY
  #found: Detection[] = []
  #changes = 0

  constructor(rules: readonly CorrelationRule[], options: CorrelatorOptions) {
    this.#rules = rules
    this.#options = options
    this.#room = new Room(options, this.counters)
    const { ofRule, ofCorrelation } = usesOf(rules)
    this.#ofRule = ofRule
    this.#ofCorrelation = ofCorrelation
    this.#absences = [...rules.keys()].filter((at) => opensOf((rules[at] as CorrelationRule).condition) !== 0)
  }

  /** Whether matches of a rule are of use here. */
  wants(rule: number): boolean {
    return this.#ofRule.has(rule)
  }

  /** Grows with every change of the state: a snapshot is worth taking if it has grown since the last. */
  get changes(): number {
    return this.#changes
  }

  /** Events in windows, of all tenants. */
  get size(): number {
    let size = 0
    for (const { entries } of this.#tenants.values()) size += entries
    return size
  }

  /** Takes a match in; what is found by it, including what the watermark, moved by it, settles. */
  observe(match: Match): readonly Detection[] {
    const uses = this.#ofRule.get(match.rule)
    if (!uses) return nothing
    const tenant = this.#tenantOf(match.tenant)
    if (match.time < tenant.settled) {
      this.counters.late++
      return nothing
    }
    this.#changes++
    for (const use of uses) this.#take(tenant, use, match)
    if (Number.isFinite(this.#clock)) tenant.arrival = this.#clock
    if (match.time > tenant.latest) tenant.latest = match.time
    const newest = Math.min(tenant.latest, this.#clock)
    if (newest > tenant.newest) {
      tenant.newest = newest
      const { lateness, step } = this.#options
      const watermark = Math.floor((newest - lateness) / step) * step
      if (watermark > tenant.settled) this.#settle(tenant, watermark)
    }
    return this.#drain()
  }

  /**
   * The arrival clock stands at `arrival` (ms since 1970; the time stamp of the record that is read, so that a replay does the same).
   * Tenants from whom nothing came for the allowed lateness are settled up to their newest event; windows of tenants that are silent for
   * long go.
   */
  advance(arrival: number): readonly Detection[] {
    if (Number.isFinite(this.#clock) && arrival <= this.#clock) return nothing
    this.#clock = arrival
    const { lateness, idle } = this.#options
    for (const [name, tenant] of this.#tenants) {
      if (!Number.isFinite(tenant.arrival)) tenant.arrival = arrival
      const silence = arrival - tenant.arrival - lateness
      if (silence < 0) continue
      tenant.newest = Math.max(tenant.newest, Math.min(tenant.latest, arrival))
      if (tenant.settled <= tenant.newest) this.#settle(tenant, tenant.newest + 1)
      // In silence a tenant's time goes on as the arrival clock does: so windows are over in which nothing more happens.
      this.#close(tenant, Math.min(tenant.newest + silence, arrival - lateness) + 1)
      if (silence < idle) continue
      if (dropIdle(tenant, silence, idle)) this.#changes++
      if (tenant.tables.every((table) => table === undefined)) this.#tenants.delete(name)
    }
    return this.#drain()
  }

  /** No more events come: everything is settled. Windows that go beyond `end`, the time of the newest event of any kind, are never over. Default: a tenant's newest match. */
  finish(end?: number): readonly Detection[] {
    for (const tenant of this.#tenants.values())
      this.#settle(tenant, Number.POSITIVE_INFINITY, (end ?? tenant.latest) + 1)
    return this.#drain()
  }

  /** The whole state, for `restore` of a correlator of the same or other rules. */
  snapshot(): Buffer {
    return writeSnapshot(this.#clock, this.#tenants.values())
  }

  /**
   * Takes a snapshot's state over; to be called before anything else. State of rules that are not there or are not the same any more is
   * left out. The ids of those rules. Throws SnapshotError.
   */
  restore(snapshot: Buffer): string[] {
    const { clock, tenants, dropped } = readSnapshot(snapshot, this.#rules, (rule) => this.#newTable(rule))
    this.#clock = clock
    this.#tenants.clear()
    for (const tenant of tenants) this.#tenants.set(tenant.name, tenant)
    return dropped
  }

  #newTable(rule: CorrelationRule): Table {
    return new Table(rule, this.#options.eager && rule.monotone)
  }

  #drain(): readonly Detection[] {
    if (this.#found.length === 0) return nothing
    const found = this.#found
    this.#found = []
    this.counters.detections += found.length
    return found
  }

  #tenantOf(name: string): Tenant {
    const known = this.#tenants.get(name)
    if (known) return known
    const tenant = newTenant(name, this.#clock)
    this.#tenants.set(name, tenant)
    return tenant
  }

  #take(tenant: Tenant, { correlation, slot, input }: Use, taken: Taken): void {
    const rule = this.#rules[correlation] as CorrelationRule
    const values = groupOf(input, taken)
    if (values === undefined) {
      this.counters.ungrouped++
      return
    }
    const key = joinedKey(values.map(valueKey))
    let table = tenant.tables[correlation]
    if (!table) {
      table = this.#newTable(rule)
      tenant.tables[correlation] = table
    }
    const group = table.get(key) ?? this.#room.newGroup(tenant, table, key, values)
    const entry: Entry = {
      time: taken.time,
      ref: taken.ref,
      mask: 1 << slot,
      value: measured(rule, input, taken),
      carry: rule.carry.length > 0 ? input.carry.map((name) => groupValue(taken.field(name)) ?? null) : undefined,
      evidence: taken.evidence,
      occurred: false,
    }
    const known = group.find(entry)
    if (known) {
      const more = entry.mask & ~known.mask
      if (more === 0) {
        this.counters.repeated++
        return
      }
      table.touch(group)
      known.mask |= more
      const at = group.front || group.opens !== 0 ? group.entries.lastIndexOf(known) : -1
      const holds = group.front?.merged(group.entries, at, more) ?? false
      this.#entered(tenant, table, correlation, group, known, at, holds)
      return
    }
    table.touch(group)
    this.#room.make(tenant, table, group)
    const at = group.insert(entry)
    tenant.entries++
    table.entries++
    const holds = group.front?.front(group.entries, at) ?? false
    this.#entered(tenant, table, correlation, group, entry, at, holds)
  }

  /** An entry came in, or got more slots: fires at once, or leaves it to the watermark. */
  #entered(
    tenant: Tenant,
    table: Table,
    correlation: number,
    group: Group,
    entry: Entry,
    at: number,
    holds: boolean,
  ): void {
    if (group.opens !== 0) {
      if ((entry.mask & group.opens) !== 0) table.owe(group, entry.time + group.rule.timespan)
      // After a silence an event may come for windows that are over.
      if (at < (group.sweep?.next ?? 0)) group.sweep = undefined
      return
    }
    if (!group.front) {
      table.owe(group, entry.time)
      return
    }
    const { newest } = group
    let now = holds
    if (at < group.entries.length - 1 && entry.time < newest) {
      now = group.cameLate(entry.time, holds)
      table.owe(group, entry.time)
    }
    if (!now || !this.#interesting(correlation, group, newest)) return
    const occurred = this.#occur(tenant, correlation, group, newest, group.front.measure.value() ?? 0)
    if (occurred) this.#hand(tenant, correlation, occurred)
  }

  #interesting(correlation: number, group: Group, time: number): boolean {
    if ((this.#ofCorrelation[correlation] as Use[]).length > 0) return true
    if (!group.silent(time)) return true
    this.counters.suppressed++
    return false
  }

  /** Tells that the condition holds at `time`, once; the occurrence, where correlations of this one exist. */
  #occur(tenant: Tenant, correlation: number, group: Group, time: number, value: number): Occurrence | undefined {
    if (group.opens === 0) {
      const last = group.lastOf(time)
      if (!last || last.occurred) return undefined
      last.occurred = true
    }
    const { rule } = group
    if (rule.reported) {
      if (group.silent(time)) this.counters.suppressed++
      else {
        group.reported = group.reported.filter((then) => then >= tenant.settled - rule.timespan)
        group.reported.push(time)
        this.#found.push(detectionOf(tenant.name, group, time, value, this.#options.limits.evidence))
      }
    }
    return (this.#ofCorrelation[correlation] as Use[]).length > 0 ? { group, time } : undefined
  }

  /** Gives an occurrence to the correlations of this one. */
  #hand(tenant: Tenant, correlation: number, { group, time }: Occurrence): void {
    for (const taken of takenOf(group, time, this.#options.limits.chained))
      for (const use of this.#ofCorrelation[correlation] as Use[]) this.#take(tenant, use, taken)
  }

  /**
   * No event before `watermark` counts any more, and windows that end before `over` are asked. Children before parents, and what a parent gets is in
   * order of time and group.
   */
  #settle(tenant: Tenant, watermark: number, over = watermark): void {
    this.#changes++
    const found = this.#found
    this.#found = []
    for (const correlation of this.#rules.keys()) {
      const table = tenant.tables[correlation]
      if (!table) continue
      const occurrences: Occurrence[] = []
      const absences = table.rule.condition.kind === 'absences'
      const until = absences ? over : watermark
      for (let due = table.nextDue(until); due; due = table.nextDue(until))
        if (absences) this.#over(tenant, table, correlation, due, occurrences)
        else this.#sweep(tenant, table, correlation, due.group, watermark, occurrences)
      occurrences.sort((a, b) => a.time - b.time || (a.group.key < b.group.key ? -1 : 1))
      for (const occurrence of occurrences) this.#hand(tenant, correlation, occurrence)
    }
    this.#found.sort(
      (a, b) => a.end - b.end || this.#rules.indexOf(a.rule) - this.#rules.indexOf(b.rule) || (a.id < b.id ? -1 : 1),
    )
    this.#found = [...found, ...this.#found]
    tenant.settled = watermark
    for (const table of tenant.tables) if (table) this.#room.forget(tenant, table)
  }

  /** Asks windows that are over before `until`, in the order of their ends, children before parents. */
  #close(tenant: Tenant, until: number): void {
    for (;;) {
      const correlation = firstDue(tenant, this.#absences, until)
      const table = tenant.tables[correlation]
      const due = table?.nextDue(until)
      if (!table || !due) return
      this.#changes++
      const occurrences: Occurrence[] = []
      this.#over(tenant, table, correlation, due, occurrences)
      for (const occurrence of occurrences) this.#hand(tenant, correlation, occurrence)
    }
  }

  /** Asks the window of a group that is over at a time, and owes the next. */
  #over(tenant: Tenant, table: Table, correlation: number, { group, time }: Due, occurrences: Occurrence[]): void {
    const { entries, rule, opens } = group
    group.sweep ??= new View(measureOf(rule), rule.timespan)
    const { measure } = group.sweep
    const start = group.sweep.reach(entries, time)
    const { opened, next } = openedAt(entries, start, opens)
    if (next !== undefined) table.owe(group, next + rule.timespan)
    if (!measure.holds(start, opened) || !this.#interesting(correlation, group, time)) return
    const occurred = this.#occur(tenant, correlation, group, time, measure.value() ?? 0)
    if (occurred) occurrences.push(occurred)
  }

  #sweep(
    tenant: Tenant,
    table: Table,
    correlation: number,
    group: Group,
    watermark: number,
    occurrences: Occurrence[],
  ): void {
    const { entries, rule } = group
    if (!group.sweep) {
      group.sweep = new View(measureOf(rule), rule.timespan)
      group.sweep.seek(entries, Math.max(group.late.from, tenant.settled))
    }
    const view = group.sweep
    for (let next = entries[view.next]; next && next.time < watermark; next = entries[view.next]) {
      const { time, holds } = view.step(entries)
      if (!holds || !this.#interesting(correlation, group, time)) continue
      const occurred = this.#occur(tenant, correlation, group, time, view.measure.value() ?? 0)
      if (occurred) occurrences.push(occurred)
    }
    if (group.front && group.late.to < watermark) {
      group.sweep = undefined
      group.late = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY }
      return
    }
    const next = entries[view.next]
    if (next) table.owe(group, next.time)
  }
}
