import type { Answer, Row } from './answer.ts'
import type { Question } from './question.ts'

const floor = (at: number, width: number): number => Math.floor(at / width) * width

/**
 * The answer with a row for every bucket of the question's span, also for those in which nothing happened: a count of 0, and null where
 * there is nothing to compute. For questions that `fill`.
 */
export function filled(answer: Answer, { groupBy, from, to, aggregate }: Question): Answer {
  const [bucket] = groupBy
  if (typeof bucket !== 'object' || from === null || to === null) return answer
  const known = new Map(answer.rows.map((row) => [row[0], row]))
  const nothing = aggregate === 'count' || aggregate === 'uniq_id' || 'uniq' in aggregate ? 0 : null
  const rows: Row[] = []
  for (let at = floor(from, bucket.bucketMs); at < to; at += bucket.bucketMs) {
    const begin = new Date(at).toISOString()
    rows.push(known.get(begin) ?? [begin, ...answer.columns.slice(1).map(() => nothing)])
  }
  return { ...answer, rows }
}
