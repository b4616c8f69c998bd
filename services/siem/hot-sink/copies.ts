import type { StoredBatch } from './duplicates.ts'
import { advice, HotTierError } from './errors.ts'

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
  const batches = new Map<string, { readonly of: StoredBatch; readonly copies: Map<number, number> }>()
  for (const answer of answers)
    for (const [key, { of, lines }] of linesByBatch(answer)) {
      const batch = batches.get(key) ?? { of, copies: new Map<number, number>() }
      batches.set(key, batch)
      for (const line of lines) batch.copies.set(line, (batch.copies.get(line) ?? 0) + 1)
    }
  const all = [...batches.values()]
  if (all.some(({ copies }) => [...copies.values()].some((count) => count < counts.quorum)))
    return { kind: 'unsettled' }
  return {
    kind: 'known',
    stored: all.map(({ of: { tenant, batch }, copies }) => ({ tenant, batch, lines: [...copies.keys()] })),
  }
}

/** One replica's answer with each line once. */
function linesByBatch(answer: readonly StoredBatch[]) {
  const found = new Map<string, { readonly of: StoredBatch; readonly lines: Set<number> }>()
  for (const of of answer) {
    const key = JSON.stringify([of.tenant, of.batch])
    const entry = found.get(key) ?? { of, lines: new Set<number>() }
    found.set(key, entry)
    for (const line of of.lines) entry.lines.add(line)
  }
  return found
}

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
