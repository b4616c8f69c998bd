import { type Broken, type Check, unless } from './check.ts'

/** What AWS recommends at most for one broker of these sizes. Source: Amazon MSK, best practices, partitions per broker. */
const partitionsPerBroker = 1_000

export const coordination: Check = {
  rule: 'coordination',
  purpose: 'a quorum that one region holds alone is lost with it, and one that no region can form stops every write',
  find: ({ cloud, environments, regions, links, topics }) =>
    Object.entries(cloud).flatMap(([environment, { clickhouse, kafka, serviceQuotas }]): Broken[] => {
      const policy = environments[environment]
      if (!policy) return []
      const path = `cloud.${environment}`
      const present = policy.regions.flatMap((name) => regions[name]?.role ?? [])
      const members = present.reduce((sum, role) => sum + clickhouse.keepers[role], 0)
      const largest = Math.max(...present.map((role) => clickhouse.keepers[role]))
      const synced = links.filter(
        ({ from, to, replication }) =>
          replication === 'sync' && policy.regions.includes(from) && policy.regions.includes(to),
      )
      const replicas = policy.clickhouse.replicas
      const all = replicas * (synced.length + 1)
      const least = synced.length > 0 ? replicas + 1 : Math.floor(replicas / 2) + 1
      const partitions = Object.values(topics).reduce(
        (sum, { partitioning }) => sum + (partitioning === 'single' ? 1 : policy.kafka.partitions),
        0,
      )
      const perBroker = Math.ceil((partitions * policy.kafka.replicas) / kafka.brokers)
      return [
        ...unless(
          members % 2 === 1 && 2 * largest < members,
          `${path}.clickhouse.keepers`,
          clickhouse.keepers,
          'must be an odd number of members, and in no region half of them or more.',
          environment,
        ),
        ...unless(
          clickhouse.insertQuorum >= least && clickhouse.insertQuorum < all,
          `${path}.clickhouse.insertQuorum`,
          clickhouse.insertQuorum,
          `must be from ${least} to ${Math.max(least, all - 1)}: more copies than one region has, and one less than the regions joined by a 'sync' link have, so that one may be lost and no write waits for a region that is behind.`,
          environment,
        ),
        ...unless(
          Number.isInteger(kafka.brokers / 3) && kafka.brokers >= policy.kafka.replicas,
          `${path}.kafka.brokers`,
          kafka.brokers,
          `must be a multiple of the three zones, and at least the ${policy.kafka.replicas} copies of a record.`,
          environment,
        ),
        ...unless(
          kafka.brokers <= serviceQuotas.mskBrokers,
          `${path}.kafka.brokers`,
          kafka.brokers,
          `must be at most ${serviceQuotas.mskBrokers}, the account's quota.`,
          environment,
        ),
        ...unless(
          perBroker <= partitionsPerBroker,
          `${path}.kafka.brokers`,
          kafka.brokers,
          `must be at least ${Math.ceil((partitions * policy.kafka.replicas) / partitionsPerBroker)}: each has ${perBroker} partitions, and AWS recommends ${partitionsPerBroker}.`,
          environment,
        ),
      ]
    }),
}
