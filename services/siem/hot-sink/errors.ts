/** Whether trying the same again soon can help. */
const soon = {
  /** The hot tier cannot be reached, is busy, or did not answer in time; an insert may have been applied. */
  UNAVAILABLE: true,
  /** The disk of the hot tier has no room for the rows. */
  DISK_FULL: true,
  /** Rows are on fewer replicas than the quorum, and whether they stay is not known yet. */
  UNSETTLED: true,
  /** Another partition is still stored by an older shard map. */
  PLACEMENT: true,
  /** Database or table are not there: they are made again. */
  NO_TABLE: true,
  /** The hot tier says no for a reason that does not pass by itself. */
  REFUSED: false,
} as const

export type HotTierErrorCode = keyof typeof soon

/** What the operator can do, where the sink itself can only keep trying. */
export const advice: Readonly<Partial<Record<string, string>>> = {
  DISK_FULL:
    'Free space on the disk of the hot tier or enlarge its volume. The sink keeps trying, and nothing is lost while Kafka keeps the records.',
  UNSETTLED:
    'The sink asks again until the replicas agree. If it lasts, a replica does not catch up: look at system.replicas and system.replication_queue.',
  PLACEMENT:
    'The sink waits until the owner of every partition of events.raw has taken on the newest shard map. If it lasts, a sink is held back, or of an older version.',
} satisfies Partial<Record<HotTierErrorCode, string>>

/** A failure of the hot tier. Never carries the engine's sentence, which can quote rows: only its number and name. */
export class HotTierError extends Error {
  readonly code: HotTierErrorCode
  constructor(code: HotTierErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'HotTierError'
    this.code = code
  }
  get passesSoon(): boolean {
    return soon[this.code]
  }
}
