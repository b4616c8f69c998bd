import type { Committed } from '../../common/bus/bus.ts'
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

/** No alert of the slot's events from its start on has a smaller offset in `alerts`. */
export function restorePoint(found: SlotSnapshot | undefined, epoch: number, committed: Committed | undefined): bigint {
  if (found && found.epoch < epoch) return found.alerts
  return larger(found?.alerts ?? 0n, committed ? alertsOf(committed) : 0n)
}
