import type { Committed } from '../../common/bus/bus.ts'
import type { Again } from './slot.ts'
import type { SlotSnapshot } from './slot-snapshot.ts'

/** The text of a commit: the end of the partition's alerts before any alert of the committed offset or later. */
export const committedText = (alerts: bigint): string => JSON.stringify({ alerts: `${alerts}` })

const alertsOf = ({ metadata }: Committed): bigint => {
  try {
    const { alerts } = JSON.parse(metadata) as { alerts?: unknown }
    return typeof alerts === 'string' ? BigInt(alerts) : 0n
  } catch {
    return 0n
  }
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/**
 * The next offset of a slot. The commit says that this shard's slots are saved or unchanged up to it, so a snapshot of its own may be older; one of the
 * owner before it is where that owner stopped.
 */
export function startOf(found: SlotSnapshot | undefined, epoch: number, committed: Committed | undefined): bigint {
  if (found && found.epoch < epoch) return found.offset
  return larger(found?.offset ?? 0n, committed?.offset ?? 0n)
}

/** No alert of the slot's events from its start on has a smaller offset in `alerts`: it comes from where the start comes from, and from nowhere else. */
export function restorePoint(found: SlotSnapshot | undefined, epoch: number, committed: Committed | undefined): bigint {
  if (found && (found.epoch < epoch || found.offset >= (committed?.offset ?? 0n))) return found.alerts
  return committed ? alertsOf(committed) : 0n
}

/**
 * The end of the alerts that a snapshot or a commit at `offset` may name: none of the alerts of `offset` or later is before it. `now`: the end, asked
 * for before any of them was written by this process; those of the processes before are older where they are looked at again.
 */
export const alertsFrom = (offset: bigint, now: bigint, again: Again | undefined): bigint =>
  again !== undefined && offset < again.until && again.alerts < now ? again.alerts : now
