import type { OutgoingRecord } from '../../common/bus/bus.ts'
import type { UnreadableRecord } from './record.ts'

/** Where an unreadable record stands. */
export interface Origin {
  readonly topic: string
  readonly partition: number
}

/**
 * An unreadable record as the dead-letter topic keeps it, JSON: `{"version": 1, "topic", "partition", "offset", "reason", "length", "bytes"}`,
 * `bytes` being its beginning in base64. It may be there more than once: topic, partition and offset name it.
 */
export function deadLetter(
  { topic, partition }: Origin,
  { offset, reason, length, value }: UnreadableRecord,
): OutgoingRecord {
  const letter = {
    version: 1,
    topic,
    partition,
    offset: Number(offset),
    reason,
    length,
    bytes: value.toString('base64'),
  }
  return {
    topic: 'events.dead-letter',
    partition: 0,
    key: Buffer.from(`${topic}:${partition}:${offset}`),
    value: Buffer.from(JSON.stringify(letter)),
  }
}
