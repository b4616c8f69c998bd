import { type Broken, type Check, isCount, unless } from './check.ts'

/** More cost every client of Kafka memory and every broker files. */
const mostPartitions = 256

export const replication: Check = {
  rule: 'replication',
  purpose: 'a write needs as many brokers as acknowledge it, and one more to survive a restart',
  find: ({ environments }) =>
    Object.entries(environments).flatMap(([environment, { kafka, clickhouse, redis }]): Broken[] => {
      const at = `environments.${environment}`
      const counts = {
        'kafka.replicas': kafka.replicas,
        'kafka.minInSync': kafka.minInSync,
        'kafka.partitions': kafka.partitions,
        'clickhouse.replicas': clickhouse.replicas,
        'redis.replicas': redis.replicas,
      }
      const most = Math.max(1, kafka.replicas - 1)
      const brokers = kafka.replicas === 1 ? 'one broker' : `${kafka.replicas} brokers`
      return [
        ...Object.entries(counts).flatMap(([leaf, value]) =>
          unless(isCount(value), `${at}.${leaf}`, value, 'must be a whole number from 1.'),
        ),
        ...unless(
          kafka.minInSync <= most,
          `${at}.kafka.minInSync`,
          kafka.minInSync,
          `must be at most ${most} with ${brokers}.`,
        ),
        ...unless(
          kafka.partitions <= mostPartitions,
          `${at}.kafka.partitions`,
          kafka.partitions,
          `must be at most ${mostPartitions}: partitions are never grown in place, and more cost every client.`,
        ),
      ]
    }),
}
