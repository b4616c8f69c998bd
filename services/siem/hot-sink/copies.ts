import type { StoredBatch } from './duplicates.ts'
import { advice, HotTierError } from './errors.ts'
import { overlap, type PartRange, partRange } from './parts.ts'

export interface ReplicaCounts {
  readonly replicas: number
  /** How many of them have a block before its insert is confirmed. */
  readonly quorum: number
}

/** What is stored for certain, or what is missing to say so. */
export type Verdict =
  | { readonly kind: 'known'; readonly stored: readonly StoredBatch[] }
  | { readonly kind: 'too few answers' | 'unsettled' }

/** Answers without which a confirmed row may have been seen by none of those asked: any so many meet every quorum. */
export const answersNeeded = ({ replicas, quorum }: ReplicaCounts): number => replicas - quorum + 1

/**
 * What the answers of some replicas say together. A row on a quorum of them is stored for good. A row on none of enough is not
 * confirmed to anybody. A row on some, but fewer than the quorum, is either confirmed, and others of its copies are silent or to come, or left
 * over from an insert whose quorum failed, which the replicas may take back: to hold it for stored would lose it, to store it again would double it.
 */
export function verdictOf(answers: readonly (readonly StoredBatch[])[], counts: ReplicaCounts): Verdict {
  if (answers.length < answersNeeded(counts)) return { kind: 'too few answers' }
  const batches = new Map<string, { readonly of: StoredBatch; readonly lines: Map<number, Copy[]> }>()
  for (const [replica, answer] of answers.entries())
    for (const of of answer) {
      const key = JSON.stringify([of.tenant, of.batch])
      const batch = batches.get(key) ?? { of, lines: new Map<number, Copy[]>() }
      batches.set(key, batch)
      const copy = { replica, part: partRange(of.part ?? '') }
      for (const line of of.lines) {
        const copies = batch.lines.get(line)
        if (copies) copies.push(copy)
        else batch.lines.set(line, [copy])
      }
    }
  const all = [...batches.values()]
  if (all.some(({ lines }) => [...lines.values()].some((copies) => mostAlike(copies) < counts.quorum)))
    return { kind: 'unsettled' }
  return {
    kind: 'known',
    stored: all.map(({ of: { tenant, batch }, lines }) => ({ tenant, batch, lines: [...lines.keys()] })),
  }
}

interface Copy {
  readonly replica: number
  readonly part: PartRange
}

/** How many replicas have a row out of the same insert: what two failed inserts left on two replicas are no two copies. */
const mostAlike = (copies: readonly Copy[]): number =>
  Math.max(
    ...copies.map(({ part }) => new Set(copies.filter((copy) => overlap(copy.part, part)).map((c) => c.replica)).size),
  )

/** A verdict that stays open when all have answered or failed, as an error that is tried again. */
export function openVerdict(
  kind: 'too few answers' | 'unsettled',
  answers: number,
  counts: ReplicaCounts,
): HotTierError {
  const heard = `${answers} of ${counts.replicas} replicas answered`
  return kind === 'unsettled'
    ? new HotTierError(
        'UNSETTLED',
        `Rows are on fewer replicas than the quorum of ${counts.quorum} (${heard}). ${advice.UNSETTLED}`,
      )
    : new HotTierError('UNAVAILABLE', `${heard}; ${answersNeeded(counts)} are needed to know what is stored.`)
}
