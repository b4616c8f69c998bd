import { type Check, isCount, unless } from './check.ts'

export const slots: Check = {
  rule: 'slots',
  purpose: 'slots spread evenly over partitions, and a slot can move without touching another',
  find: ({ sharding: { slots: count, shards }, environments }) => [
    ...Object.keys(environments).flatMap((environment) => {
      const own = shards[environment]
      return unless(
        own !== undefined && isCount(own) && own <= count,
        `sharding.shards.${environment}`,
        own,
        `must be a whole number from 1 to the ${count} slots.`,
      )
    }),
    ...unless(Number.isInteger(Math.log2(count)), 'sharding.slots', count, 'must be a power of two.'),
    ...Object.entries(environments).flatMap(([environment, { kafka }]) =>
      unless(
        count % kafka.partitions === 0,
        `environments.${environment}.kafka.partitions`,
        kafka.partitions,
        `must divide the ${count} slots.`,
      ),
    ),
  ],
}
