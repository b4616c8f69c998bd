import type { SlotMemory } from './detector.ts'

/**
 * Records below `until` may have been looked at by another process before this one, and alerts of them written: from `alerts` on in the topic, as
 * seen from where the slot went on. They are looked at again, and what is saved meanwhile must lead back to those alerts.
 */
export interface Again {
  readonly until: bigint
  readonly alerts: bigint
}

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
  /** Undefined: nobody looked at it before. */
  again: Again | undefined
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
  again: undefined,
  saved: 0,
  side: 0,
  events: 0,
  correlator: undefined,
  pack: undefined,
})

/** Whether what is remembered has changed since it was saved. */
export const isDirty = ({ correlator, saved }: Slot): boolean =>
  saved === undefined || (correlator?.changes ?? 0) !== saved
