import { type Detection, detectionOf, eventsOf, evidenceOf } from './detection.ts'
import type { Entry } from './entry.ts'
import type { Group } from './group.ts'
import { measureOf } from './measure.ts'
import { type CorrelatorCounters, type CorrelatorOptions, noCounts } from './options.ts'
import { Room } from './room.ts'
import type { CorrelationInput, CorrelationRule } from './rule.ts'
import { readSnapshot, writeSnapshot } from './snapshot.ts'
import { Table } from './table.ts'
import { groupOf, measured, type Taken } from './taken.ts'
import { newTenant, type Tenant } from './tenant.ts'
import { groupValue, joinedKey, valueKey } from './values.ts'
import { View } from './view.ts'

/** An event matched a detection rule. */
export interface Match {
  /** Index of the rule in the list that the correlations were parsed with. */
  readonly rule: number
  readonly tenant: string
  /** Event time, whole ms since 1970. */
  readonly time: number
  /** The event's id, unique within its tenant. */
  readonly ref: string
  /** A field of the event by its Sigma name; undefined or null where there is none. */
  readonly field: (name: string) => unknown
}

/** Where matches of a rule, or occurrences of a correlation, go. */
interface Use {
  readonly correlation: number
  readonly slot: number
  readonly input: CorrelationInput
}

interface Occurrence {
  readonly group: Group
  readonly time: number
}

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
  readonly #ofRule = new Map<number, Use[]>()
  readonly #ofCorrelation: Use[][]
  readonly #tenants = new Map<string, Tenant>()
  /** The arrival clock; Infinity while nobody tells it. */
  #clock = Number.POSITIVE_INFINITY
  #found: Detection[] = []
  #changes = 0

  constructor(rules: readonly CorrelationRule[], options: CorrelatorOptions) {
    this.#rules = rules
    this.#options = options
    this.#room = new Room(options, this.counters)
    this.#ofCorrelation = rules.map(() => [])
    for (const [correlation, { inputs, type }] of rules.entries())
      for (const [position, input] of inputs.entries()) {
        const use = { correlation, slot: type.startsWith('temporal') ? position : 0, input }
        const { kind, index } = input.from
        if (kind === 'correlation') this.#ofCorrelation[index]?.push(use)
        else this.#ofRule.set(index, [...(this.#ofRule.get(index) ?? []), use])
      }
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
      if (silence < idle) continue
      for (const [index, table] of tenant.tables.entries())
        if (table && silence >= Math.max(idle, table.rule.timespan)) {
          tenant.entries -= table.entries
          tenant.tables[index] = undefined
          this.#changes++
        }
      if (tenant.tables.every((table) => table === undefined)) this.#tenants.delete(name)
    }
    return this.#drain()
  }

  /** No more events come: everything is settled. */
  finish(): readonly Detection[] {
    for (const tenant of this.#tenants.values()) this.#settle(tenant, Number.POSITIVE_INFINITY)
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
    table.touch(group)
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
      known.mask |= more
      const at = group.front ? group.entries.lastIndexOf(known) : -1
      const holds = group.front?.merged(group.entries, at, more) ?? false
      this.#entered(tenant, table, correlation, group, known, at, holds)
      return
    }
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
    if (!group.front) {
      table.owe(group, entry.time)
      return
    }
    const { newest } = group
    if (at < group.entries.length - 1 && entry.time < newest) {
      group.late.from = Math.min(group.late.from, entry.time)
      group.late.to = Math.max(group.late.to, newest)
      table.owe(group, entry.time)
    }
    if (!holds || !this.#interesting(correlation, group, newest)) return
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
    const last = group.lastOf(time)
    if (!last || last.occurred) return undefined
    last.occurred = true
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

  /** Gives an occurrence to the correlations of this one: one event for each different set of the fields that they ask for. */
  #hand(tenant: Tenant, correlation: number, { group, time }: Occurrence): void {
    const { rule, key, values } = group
    const entries = evidenceOf(group, time).slice(-this.#options.limits.chained)
    const evidence = eventsOf(entries, this.#options.limits.chained)
    const ref = `${rule.id}\u0000${key}\u0000${time}`
    const rows = new Map<string, Entry>()
    for (const entry of entries) rows.set(rule.carry.length > 0 ? JSON.stringify(entry.carry) : '', entry)
    for (const { carry } of rows.values()) {
      const field = (name: string): unknown => {
        const grouped = rule.groupBy.indexOf(name)
        return grouped >= 0 ? values[grouped] : carry?.[rule.carry.indexOf(name)]
      }
      for (const use of this.#ofCorrelation[correlation] as Use[])
        this.#take(tenant, use, { time, ref, field, evidence })
    }
  }

  /** No event before `watermark` counts any more. Children before parents, and what a parent gets is in order of time and group. */
  #settle(tenant: Tenant, watermark: number): void {
    this.#changes++
    const found = this.#found
    this.#found = []
    for (const correlation of this.#rules.keys()) {
      const table = tenant.tables[correlation]
      if (!table) continue
      const occurrences: Occurrence[] = []
      for (let group = table.nextDue(watermark); group; group = table.nextDue(watermark))
        this.#sweep(tenant, table, correlation, group, watermark, occurrences)
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
