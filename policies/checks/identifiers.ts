import { type Check, unless } from './check.ts'

export const identifiers: Check = {
  rule: 'identifiers',
  purpose: 'these names stand in SQL and in Kafka without quotes',
  find: ({ storage: { hot }, topics }) => [
    ...Object.entries({ database: hot.database, table: hot.table }).flatMap(([leaf, name]) =>
      unless(
        /^[a-z_][a-z0-9_]{0,62}$/.test(name),
        `storage.hot.${leaf}`,
        name,
        "must hold lower case letters, digits and '_', and not begin with a digit.",
      ),
    ),
    ...Object.keys(topics).flatMap((topic) =>
      unless(
        /^[a-z0-9][a-z0-9.-]{0,248}$/.test(topic),
        `topics.${topic}`,
        topic,
        "must be a name of lower case letters, digits, '.' and '-'.",
      ),
    ),
  ],
}
