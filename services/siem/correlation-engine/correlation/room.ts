import { firstAt } from './entry.ts'
import type { Group } from './group.ts'
import type { CorrelatorCounters, CorrelatorOptions } from './options.ts'
import type { Table } from './table.ts'
import type { Tenant } from './tenant.ts'
import type { GroupValue } from './values.ts'

/** Of a tenant with events, the correlation that keeps the most: whoever floods loses, not the rule that comes to a full house. */
const largestOf = ({ tables }: Tenant): Table =>
  tables.reduce<Table | undefined>(
    (most, table) => (table && table.entries > (most?.entries ?? -1) ? table : most),
    undefined,
  ) as Table

/** Keeps what is remembered within the limits: what no window needs goes first, then what is oldest, and is counted. */
export class Room {
  readonly #options: Pick<CorrelatorOptions, 'limits' | 'evicted'>
  readonly #counters: CorrelatorCounters

  constructor(options: Pick<CorrelatorOptions, 'limits' | 'evicted'>, counters: CorrelatorCounters) {
    this.#options = options
    this.#counters = counters
  }

  /** A new group, in place of the oldest where there are as many as may be. */
  newGroup(tenant: Tenant, table: Table, key: string, values: readonly GroupValue[]): Group {
    if (table.size >= this.#options.limits.groups) this.forget(tenant, table)
    if (table.size >= this.#options.limits.groups) this.#evict(tenant, table, table.oldest as Group)
    return table.add(key, values)
  }

  /** Room for one more entry: first of what no window can need any more, then over the limits. */
  make(tenant: Tenant, table: Table, group: Group): void {
    const { limits } = this.#options
    const first = group.entries[0]
    const horizon = tenant.settled - table.rule.timespan
    if (first && first.time < horizon) {
      const gone = firstAt(group.entries, horizon)
      if (gone >= 32 || gone * 2 > group.entries.length || group.entries.length >= limits.eventsPerGroup)
        this.#drop(tenant, table, group, gone)
    }
    if (group.entries.length >= limits.eventsPerGroup) this.#dropOver(tenant, table, group)
    while (tenant.entries >= limits.eventsPerTenant) {
      const largest = largestOf(tenant)
      this.forget(tenant, largest)
      const { oldest } = largest
      if (tenant.entries < limits.eventsPerTenant || !oldest) return
      if (oldest !== group) this.#evict(tenant, largest, oldest)
      else if (group.entries.length > 0) this.#dropOver(tenant, largest, group)
      else return
    }
  }

  /** Takes the groups out that no window can need any more, from the one used longest ago to the first that one can. */
  forget(tenant: Tenant, table: Table): void {
    const horizon = tenant.settled - table.rule.timespan
    for (let group = table.oldest; group; group = table.oldest) {
      if (group.newest >= horizon || group.due < Number.POSITIVE_INFINITY) return
      this.#remove(tenant, table, group)
    }
  }

  #drop(tenant: Tenant, table: Table, group: Group, count: number): void {
    group.dropFirst(count)
    tenant.entries -= count
    table.entries -= count
  }

  #dropOver(tenant: Tenant, table: Table, group: Group): void {
    this.#drop(tenant, table, group, 1)
    this.#counters.evictedEvents++
    this.#options.evicted?.('event', table.rule.id, tenant.name)
  }

  #evict(tenant: Tenant, table: Table, group: Group): void {
    this.#remove(tenant, table, group)
    this.#counters.evictedGroups++
    this.#options.evicted?.('group', table.rule.id, tenant.name)
  }

  #remove(tenant: Tenant, table: Table, group: Group): void {
    tenant.entries -= group.entries.length
    table.entries -= group.entries.length
    table.remove(group)
  }
}
