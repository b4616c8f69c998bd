export interface RoomLimits {
  /** Bytes that a partition may hold. */
  readonly partition: number
  /** Bytes that all of them may hold together. */
  readonly total: number
}

/** What a partition holds. */
export interface Holding {
  readonly partition: number
  readonly held: number
  /** Its next block has a fixed end, and records of it are still to come. */
  readonly incomplete: boolean
}

/**
 * The partitions that may read on. When all the room is taken, partitions with a block to store make room again by themselves; one whose
 * block is incomplete can only do so by reading on. So one such partition may always read, whatever it holds: without it, incomplete
 * blocks that fill the room between them would wait for each other for ever.
 */
export function mayRead(holdings: readonly Holding[], limits: RoomLimits): ReadonlySet<number> {
  const total = holdings.reduce((sum, { held }) => sum + held, 0)
  const roomy = total < limits.total
  const allowed = new Set<number>()
  for (const { partition, held, incomplete } of holdings)
    if (roomy && (held < limits.partition || incomplete)) allowed.add(partition)
  const [first] = holdings.filter(({ incomplete }) => incomplete).sort((a, b) => a.partition - b.partition)
  if (first) allowed.add(first.partition)
  return allowed
}
