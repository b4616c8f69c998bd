import { isCut, type ShardMap } from './map.ts'

/**
 * What a shard has to do about a slot (docs/sharding.md has the table). Owners process and publish:
 * own, serve (the target prepares or catches up), copy (and write a snapshot), stop (only up to where it stops, with a final snapshot),
 * take (from the final snapshot's offset on). Targets before that: prepare (nothing yet), shadow (process, publish nothing). Old owners after it: forget.
 */
export type Duty =
  | { readonly do: 'own'; readonly epoch: number; readonly begin?: bigint }
  | { readonly do: 'serve' | 'copy' | 'stop'; readonly epoch: number; readonly move: string; readonly begin?: bigint }
  | { readonly do: 'prepare' | 'forget'; readonly move: string }
  | { readonly do: 'shadow'; readonly move: string; readonly from: number; readonly begin?: bigint }
  | { readonly do: 'take'; readonly epoch: number; readonly move: string; readonly begin?: bigint }

/** The duties of a shard under a version of the map, by slot. Slots that are not in it are none of its business. */
export function dutiesOf(map: ShardMap, shard: number): ReadonlyMap<number, Duty> {
  const duties = new Map<number, Duty>()
  const beginOf = (slot: number) => {
    const begin = map.content.begins.get(slot)
    return begin === undefined ? {} : { begin }
  }
  for (const slot of map.owned(shard)) duties.set(slot, { do: 'own', epoch: map.epochOf(slot), ...beginOf(slot) })
  for (const { id: move, slot, from, to, phase } of map.moves) {
    const epoch = map.epochOf(slot)
    const begin = beginOf(slot)
    if (shard === from) {
      if (phase === 'drain') duties.set(slot, { do: 'forget', move })
      else if (isCut(phase)) duties.set(slot, { do: 'stop', epoch: epoch - 1, move, ...begin })
      else duties.set(slot, { do: phase === 'copy' ? 'copy' : 'serve', epoch, move, ...begin })
    } else if (shard === to) {
      if (isCut(phase)) duties.set(slot, { do: 'take', epoch, move, ...begin })
      else if (phase === 'catch-up') duties.set(slot, { do: 'shadow', move, from, ...begin })
      else duties.set(slot, { do: 'prepare', move })
    }
  }
  return duties
}
