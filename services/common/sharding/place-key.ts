import { slotKey } from './slot.ts'

/** How a record of events.raw came into its partition: what its key says. */
export interface RecordPlace {
  readonly slot: number
  /** The version of the map since which the tenant's events go there (see ShardMap.usedSince). */
  readonly since: number
  /** The sink moved it here out of another place, where the owner of its slot then has seen it. */
  readonly again: boolean
}

/**
 * The key of a record of events.raw, big endian: the slot (4 bytes); with the version (4 more) where the tenant's placement ever changed; with one more
 * byte where the record was moved here.
 */
export function placeKey({ slot, since, again }: RecordPlace): Buffer {
  if (since === 0 && !again) return slotKey(slot)
  const key = Buffer.alloc(again ? 9 : 8)
  key.writeUInt32BE(slot)
  key.writeUInt32BE(since, 4)
  return key
}

/** The slot for whose owner the record is; undefined where no shard is to look at it: it is moved, or no record of ours. */
export const slotOfKey = (key: Buffer | null): number | undefined =>
  key !== null && (key.length === 4 || key.length === 8) ? key.readUInt32BE() : undefined

/** Since which version the record's tenant has been placed where it is. */
export const sinceOfKey = (key: Buffer | null): number =>
  key !== null && (key.length === 8 || key.length === 9) ? key.readUInt32BE(4) : 0
