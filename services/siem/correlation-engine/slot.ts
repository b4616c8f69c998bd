import type { SlotMemory } from './detector.ts'

/** A slot that this shard looks after, and how far it is. */
export interface Slot extends SlotMemory {
  readonly id: number
  epoch: number
  /** `own`: alerts and snapshots are written. `shadow`: its owner writes them. `stopped`: nothing is done any more. */
  mode: 'own' | 'shadow' | 'stopped'
  /** Records below this were looked at. */
  next: bigint
  /** Its partition is further: it is read again for this slot. */
  behind: boolean
  /** `changes` of the correlator when it was last saved; undefined: it is to be saved whatever changed. */
  saved: number | undefined
  /** Under which of its two names the next long snapshot is written. */
  side: 0 | 1
  /** Events since they were last asked for. */
  events: number
}

export const newSlot = (id: number, epoch: number, next: bigint): Slot => ({
  id,
  epoch,
  mode: 'own',
  next,
  behind: false,
  saved: 0,
  side: 0,
  events: 0,
  correlator: undefined,
  pack: undefined,
})

/** Whether what is remembered has changed since it was saved. */
export const isDirty = ({ correlator, saved }: Slot): boolean =>
  saved === undefined || (correlator?.changes ?? 0) !== saved
