import { bytes } from '../model/units.ts'
import { type Check, isCount, unless } from './check.ts'

export const records: Check = {
  rule: 'records-fit',
  purpose: 'what is accepted must fit into the next vessel: an event into a record, a record into a block',
  find: ({ objectives: { ingest, query }, storage: { block }, topics }) => [
    ...unless(
      bytes(ingest.maxBody) >= bytes(ingest.maxEvent),
      'objectives.ingest.maxBody',
      ingest.maxBody,
      `must be at least one event (${ingest.maxEvent}).`,
    ),
    ...unless(
      bytes(ingest.maxInFlight) >= 2 * bytes(ingest.maxBody),
      'objectives.ingest.maxInFlight',
      ingest.maxInFlight,
      `must be at least two bodies (${ingest.maxBody}).`,
    ),
    ...Object.entries(topics).flatMap(([topic, { maxRecord }]) => [
      ...unless(
        bytes(maxRecord) >= 2 * bytes(ingest.maxEvent),
        `topics.${topic}.maxRecord`,
        maxRecord,
        `must be at least two events (${ingest.maxEvent}): a record also carries names and line numbers.`,
      ),
      ...unless(
        bytes(maxRecord) <= bytes(block.maxBytes),
        `topics.${topic}.maxRecord`,
        maxRecord,
        `must be at most a block (${block.maxBytes}).`,
      ),
    ]),
    ...Object.entries({
      'objectives.ingest.maxEventsPerRequest': ingest.maxEventsPerRequest,
      'objectives.query.maxRows': query.maxRows,
      'objectives.query.maxPage': query.maxPage,
      'storage.block.maxRows': block.maxRows,
    }).flatMap(([path, count]) => unless(isCount(count), path, count, 'must be a whole number from 1.')),
  ],
}
