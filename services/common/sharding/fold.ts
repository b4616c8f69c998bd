import type { ConsumedRecord } from '../bus/bus.ts'
import { type Claim, decodeMapRecord, type MapRecord } from './format.ts'

/** Why a record of the topic counts for nothing. */
export type Refusal =
  /** By a manager that has been followed by another. */
  | 'fenced'
  /** A version that is there already, or an older one. */
  | 'old'
  /** A version is missing before it. */
  | 'gap'
  /** Not a record that this reader knows. */
  | 'unreadable'

export type Outcome =
  | { readonly is: 'map'; readonly record: MapRecord }
  | { readonly is: 'claim'; readonly record: Claim }
  | { readonly is: 'removed' }
  | { readonly is: 'refused'; readonly why: Refusal }

interface Placed<R> {
  readonly offset: bigint
  readonly record: R
}

/**
 * What shards.map says: the order of the log decides. A claim counts if its term is higher than all before it; a version counts if it is by
 * the writer of the claim that counts last, and follows the version that counted last. Everybody who reads the log comes to the same, so a manager that
 * has been followed by another can append what it likes: nobody takes it.
 *
 * Compaction leaves the same verdict: every append has a key of its own, only records that another has followed are removed, and so among what is
 * left the highest (term, version) that no higher claim stands before is the one that counted last (`replay`; fold.test.ts holds both against each other).
 */
export class MapFold {
  #term = 0
  #writer = ''
  #map: MapRecord | undefined
  #unreadable = 0

  /** Records that `replay` could not read. */
  get unreadable(): number {
    return this.#unreadable
  }

  get map(): MapRecord | undefined {
    return this.#map
  }

  /** The term of the last claim, and who made it. 0: none yet. */
  get term(): { readonly term: number; readonly writer: string } {
    return { term: this.#term, writer: this.#writer }
  }

  /** Takes on one more record of the log. */
  apply({ value }: Pick<ConsumedRecord, 'value'>): Outcome {
    if (value.length === 0) return { is: 'removed' }
    let record: Claim | MapRecord
    try {
      record = decodeMapRecord(value)
    } catch {
      return { is: 'refused', why: 'unreadable' }
    }
    if (record.kind === 'claim') {
      if (record.term <= this.#term) return { is: 'refused', why: 'fenced' }
      this.#term = record.term
      this.#writer = record.writer
      return { is: 'claim', record }
    }
    if (record.term !== this.#term || record.writer !== this.#writer) return { is: 'refused', why: 'fenced' }
    const wanted = (this.#map?.content.version ?? 0) + 1
    const { version } = record.content
    if (version !== wanted) return { is: 'refused', why: version < wanted ? 'old' : 'gap' }
    this.#map = record
    return { is: 'map', record }
  }

  /** What a whole log says that may have been compacted. */
  static replay(records: readonly ConsumedRecord[]): MapFold {
    const fold = new MapFold()
    const claims: Placed<Claim>[] = []
    const maps: Placed<MapRecord>[] = []
    for (const { offset, value } of survivors(records)) {
      try {
        const record = decodeMapRecord(value)
        if (record.kind === 'claim') claims.push({ offset, record })
        else maps.push({ offset, record })
      } catch {
        // It counts for nothing, as in `apply`.
        fold.#unreadable++
      }
    }
    for (const { record } of claims)
      if (record.term > fold.#term) {
        fold.#term = record.term
        fold.#writer = record.writer
      }
    for (const { offset, record } of maps) {
      if (claims.some((claim) => claim.offset < offset && claim.record.term > record.term)) continue
      if (isAhead(record, fold.#map)) fold.#map = record
    }
    if (fold.#map !== undefined && fold.#map.term > fold.#term) {
      fold.#term = fold.#map.term
      fold.#writer = fold.#map.writer
    }
    return fold
  }
}

const isAhead = (record: MapRecord, best: MapRecord | undefined): boolean =>
  best === undefined ||
  record.term > best.term ||
  (record.term === best.term && record.content.version > best.content.version)

/** The last record of every key, in the log's order, without the removed ones. */
function survivors(records: readonly ConsumedRecord[]): readonly ConsumedRecord[] {
  const last = new Map<string, ConsumedRecord>()
  for (const record of records) {
    const key = record.key?.toString('utf8') ?? ''
    last.delete(key)
    last.set(key, record)
  }
  return [...last.values()].filter(({ value }) => value.length > 0)
}
