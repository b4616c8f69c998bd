import { milliseconds } from '../model/units.ts'
import { type Check, isCount, unless } from './check.ts'

export const slots: Check = {
  rule: 'slots',
  purpose: 'slots spread evenly over partitions, and a slot can move without touching another',
  find: ({ sharding: { slots: count, privateSlots, shards, maxLoad, moves, classes }, environments }) => [
    ...unless(isCount(privateSlots), 'sharding.privateSlots', privateSlots, 'must be a whole number from 1.'),
    ...unless(
      maxLoad > 1 && maxLoad <= 2,
      'sharding.maxLoad',
      maxLoad,
      'must be above 1 (no slack, no rest) and at most 2.',
    ),
    ...unless(
      isCount(moves.inFlight) && moves.inFlight <= 256,
      'sharding.moves.inFlight',
      moves.inFlight,
      'must be a whole number from 1 to 256: a shard reports all of them in one record.',
    ),
    ...unless(isCount(moves.maxLag), 'sharding.moves.maxLag', moves.maxLag, 'must be a whole number from 1.'),
    ...unless(
      milliseconds(moves.stalled) > milliseconds(moves.report),
      'sharding.moves.stalled',
      moves.stalled,
      `must be longer than a report takes to be repeated (${moves.report}).`,
    ),
    ...Object.entries(classes).flatMap(([name, { ways, width, by }]) => [
      ...unless(
        isCount(ways) && ways <= privateSlots,
        `sharding.classes.${name}.ways`,
        ways,
        `must be a whole number from 1 to the ${privateSlots} private slots.`,
      ),
      ...unless(
        isCount(width) && width <= ways,
        `sharding.classes.${name}.width`,
        width,
        `must be a whole number from 1 to the ${ways} parts.`,
      ),
      ...unless(ways === 1 || by.length > 0, `sharding.classes.${name}.by`, by, 'must name a field to split by.'),
    ]),
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
