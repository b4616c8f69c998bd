import { type Check, unless } from './check.ts'

export const slots: Check = {
  rule: 'slots',
  purpose: 'slots spread evenly over partitions, and a slot can move without touching another',
  find: ({ sharding: { slots: count }, environments }) => [
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
