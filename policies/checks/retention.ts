import { milliseconds } from '../model/units.ts'
import { type Check, unless } from './check.ts'

export const retention: Check = {
  rule: 'retention',
  purpose: 'what Kafka has dropped before the sink or a person came to it is lost, though it was acknowledged',
  find: ({ topics }) => {
    const raw = topics['events.raw']
    const letters = topics['events.dead-letter']
    return [
      ...Object.entries(topics).flatMap(([topic, { retention: kept }]) =>
        unless(
          kept === undefined || milliseconds(kept) >= milliseconds('3d'),
          `topics.${topic}.retention`,
          kept,
          'must be at least 3d: a weekend without anyone.',
        ),
      ),
      ...unless(
        !raw?.retention || !letters?.retention || milliseconds(letters.retention) >= milliseconds(raw.retention),
        'topics.events.dead-letter.retention',
        letters?.retention,
        `must be at least that of events.raw (${raw?.retention}).`,
      ),
    ]
  },
}
