import type { Committed } from '../../common/bus/bus.ts'

/**
 * What the text of a commit says, beside its offset.
 *
 * `version`: from the offset on, the partition is stored as the shard map says since that version, or a later one (see Placements); never by an
 * older one again. 0: no placement has ever changed.
 *
 * `to`: the intent. The block from the offset up to `to` may have been inserted already; whoever takes the partition over makes that very block again.
 */
export interface CommitText {
  readonly version: number
  readonly to?: bigint
}

/** '' and 'block/1 TO' where the version is 0, else 'map/1 VERSION' and 'block/2 TO VERSION'. */
export function commitText({ version, to }: CommitText): string {
  if (version === 0) return to === undefined ? '' : `block/1 ${to}`
  return to === undefined ? `map/1 ${version}` : `block/2 ${to} ${version}`
}

const pattern =
  /^(?:block\/1 (?<only>\d{1,19})|block\/2 (?<to>\d{1,19}) (?<under>\d{1,10})|map\/1 (?<version>\d{1,10}))?$/

/** What was committed. A text that this version does not understand says nothing (see isForeign). */
export function readCommit({ offset, metadata }: Committed): CommitText {
  const { only, to = only, under, version = under ?? '0' } = pattern.exec(metadata)?.groups ?? {}
  const end = to === undefined ? undefined : BigInt(to)
  return { version: Number(version), ...(end !== undefined && end > offset ? { to: end } : {}) }
}

/** Whether a commit carries a text that this version does not understand. */
export const isForeign = ({ metadata }: Committed): boolean => !pattern.test(metadata)
