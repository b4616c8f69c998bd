/** The shard that a pod is: the ordinal at the end of its name. Throws RangeError for a name without one, or one beyond the shards. */
export function shardOf(pod: string, shards: number): number {
  const ordinal = /-(\d+)$/.exec(pod)?.[1]
  const shard = ordinal === undefined ? Number.NaN : Number(ordinal)
  if (shard < shards) return shard
  throw new RangeError(
    `'${pod}' is no pod of the correlation engine: its name must end with a number from 0 to ${shards - 1}, its shard.`,
  )
}
