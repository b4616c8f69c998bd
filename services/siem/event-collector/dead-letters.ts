import type { OutgoingRecord } from '../../common/bus/bus.ts'
import { maxValueBytes } from '../../common/bus/outbox.ts'
import type { RequestIdentity } from '../../common/placing/records.ts'
import type { Rejected } from './lines.ts'

/** One line that was no event, as the dead-letter topic keeps it. */
export interface DeadLetter {
  readonly line: number
  readonly reason: string
  /** Of the original, before it was cut. */
  readonly length: number
  /** The original's first bytes, base64. */
  readonly bytes: string
}

/** The most of an original that is kept. */
export const keptBytes = 8_192

const letter = ({ line, reason, bytes, length = bytes.length }: Rejected): DeadLetter => ({
  line,
  reason,
  length,
  bytes: bytes.subarray(0, keptBytes).toString('base64'),
})

/**
 * Dead letters of one request as JSON records `{"version": 1, "tenant", "batch", "arrival", "letters": [...]}`, several letters each,
 * within what the topic takes.
 */
export function deadLetterRecords(rejected: readonly Rejected[], identity: RequestIdentity): readonly OutgoingRecord[] {
  const topic = 'events.dead-letter'
  const head = JSON.stringify({ version: 1, ...identity })
  const wrap = (letters: readonly string[]): OutgoingRecord => ({
    topic,
    partition: 0,
    key: Buffer.from(identity.tenant),
    value: Buffer.from(`${head.slice(0, -1)},"letters":[${letters.join(',')}]}`),
  })
  const records: OutgoingRecord[] = []
  let letters: string[] = []
  let size = 0
  for (const text of rejected.map((line) => JSON.stringify(letter(line)))) {
    if (letters.length > 0 && head.length + 16 + size + text.length > maxValueBytes(topic)) {
      records.push(wrap(letters))
      letters = []
      size = 0
    }
    letters.push(text)
    size += text.length + 1
  }
  if (letters.length > 0) records.push(wrap(letters))
  return records
}
