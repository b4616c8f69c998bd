import type { Committed } from '../../common/bus/bus.ts'

/**
 * An intent says, in the text of a commit at `from`, that the block from there up to `to` may have been inserted already. Whoever takes
 * the partition over makes that very block again.
 */
export const intentText = (to: bigint): string => `block/1 ${to}`

const pattern = /^block\/1 (\d{1,19})$/

/** The end of the block that was begun at a commit; undefined when none was. */
export function intendedEnd({ offset, metadata }: Committed): bigint | undefined {
  const match = pattern.exec(metadata)
  const to = match ? BigInt(match[1]!) : undefined
  return to !== undefined && to > offset ? to : undefined
}

/** Whether a commit carries a text that this version does not understand. */
export const isForeign = ({ metadata }: Committed): boolean => metadata !== '' && !pattern.test(metadata)
