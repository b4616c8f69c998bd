import type { ArtefactId } from '../../infra/local/toolchain.ts'
import type { Cache } from './cache.ts'
import type { Pin, PinsLock } from './pins.ts'
import type { Slot } from './slots.ts'

/** What a source gets to make one artefact. */
export interface Making {
  readonly id: ArtefactId
  readonly pin: Pin
  readonly lock: PinsLock
  readonly cache: Cache
  readonly environment: NodeJS.ProcessEnv
  readonly signal: AbortSignal | undefined
  /** The folder to fill: it becomes the artefact. */
  readonly folder: string
  /** Removed when the artefact is finished or given up. */
  readonly scratch: string
  /** Where commands write all they say. */
  readonly log: string
  /** Waits for a turn, 'for what', and runs the body; the wait does not count as time taken. */
  turn<T>(slot: Slot, forWhat: string, body: () => Promise<T>): Promise<T>
  /** What is being done right now; shown until the next note. */
  note(text: string): void
  /** Something a reader should keep: which source failed, what differs from the pins. */
  say(text: string): void
  /** What differs from the pins, kept beside the artefact. */
  remark(text: string): void
}
