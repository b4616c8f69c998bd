/** The inserts that a part holds: numbers of blocks, both ends included, in a partition of the table. */
export interface PartRange {
  readonly partition: string
  readonly min: bigint
  readonly max: bigint
}

const pattern = /^(.+?)_(\d+)_(\d+)_\d+(?:_\d+)?$/

/**
 * What a part's name says of it. Replicas give one insert one number and merge alike, but not at the same time: parts that share a
 * number hold the same insert.
 */
export function partRange(name: string): PartRange {
  const [, partition, min, max] = pattern.exec(name) ?? []
  return partition === undefined
    ? { partition: name, min: 0n, max: 0n }
    : { partition, min: BigInt(min!), max: BigInt(max!) }
}

export const overlap = (a: PartRange, b: PartRange): boolean =>
  a.partition === b.partition && a.min <= b.max && b.min <= a.max
