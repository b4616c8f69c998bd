import { setTimeout as delay } from 'node:timers/promises'
import { eventsTable } from '../../../services/common/hot-tier/schema.ts'
import type { Acknowledged } from '../open-loop/sender.ts'

/** Rows and distinct lines that are stored of a batch. */
export interface StoredCount {
  readonly tenant: string
  readonly batch: string
  readonly rows: number
  readonly lines: number
}

export interface StoredVerdict {
  readonly acknowledged: number
  /** Acknowledged and not stored. */
  readonly lost: number
  /** Stored more than once. */
  readonly doubled: number
  /** Stored, of batches that were not acknowledged: allowed, since an answer may be lost. */
  readonly beyond: number
}

/** Holds what is stored against what was acknowledged. Pure. */
export function compareStored(acknowledged: readonly Acknowledged[], stored: readonly StoredCount[]): StoredVerdict {
  const key = (tenant: string, batch: string) => `${tenant}/${batch}`
  const wanted = new Map(acknowledged.map(({ tenant, batch, events }) => [key(tenant, batch), events]))
  let doubled = 0
  let beyond = 0
  let found = 0
  for (const { tenant, batch, rows, lines } of stored) {
    doubled += rows - lines
    const events = wanted.get(key(tenant, batch))
    if (events === undefined) beyond += lines
    else found += Math.min(lines, events)
  }
  const total = [...wanted.values()].reduce((sum, events) => sum + events, 0)
  return { acknowledged: total, lost: total - found, doubled, beyond }
}

/** A prefix of ours, which needs no escaping in SQL. */
const plain = /^[a-z0-9-]+$/

export const storedQuery = (prefix: string): string => {
  if (!plain.test(prefix)) throw new RangeError(`'${prefix}' is no prefix of ours.`)
  return `SELECT tenant, batch, count(), uniqExact(line) FROM ${eventsTable} WHERE startsWith(batch, '${prefix}-') GROUP BY tenant, batch FORMAT TSV`
}

export const readStored = (tsv: string): readonly StoredCount[] =>
  tsv
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => {
      const [tenant = '', batch = '', rows, lines] = row.split('\t')
      return { tenant, batch, rows: Number(rows), lines: Number(lines) }
    })

/** Asks again until everything acknowledged is stored, or the number of stored events has stood still for `quietMs`. */
export async function untilStored(
  ask: (sql: string) => Promise<string>,
  {
    prefix,
    acknowledged,
    quietMs,
    signal,
  }: { prefix: string; acknowledged: readonly Acknowledged[]; quietMs: number; signal: AbortSignal },
): Promise<StoredVerdict> {
  let last = -1
  let since = performance.now()
  for (;;) {
    const verdict = compareStored(acknowledged, readStored(await ask(storedQuery(prefix))))
    if (verdict.lost === 0) return verdict
    if (verdict.lost !== last) {
      last = verdict.lost
      since = performance.now()
    } else if (performance.now() - since > quietMs) return verdict
    await delay(1_000, undefined, { signal })
  }
}
