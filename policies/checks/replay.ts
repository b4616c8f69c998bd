import { type Check, unless } from './check.ts'

/** Blocks of one partition that a sink may have inserted without having committed their end. */
const blocksPerPartition = 4

export const replay: Check = {
  rule: 'replay-window',
  purpose: 'the engine must still know the blocks that a restarted sink sends again',
  find: ({ storage, environments }) =>
    Object.entries(environments).flatMap(([environment, { kafka }]) => {
      const needed = blocksPerPartition * kafka.partitions
      return unless(
        Number.isInteger(storage.hot.deduplicationWindow) && storage.hot.deduplicationWindow >= needed,
        'storage.hot.deduplicationWindow',
        storage.hot.deduplicationWindow,
        `must be a whole number from ${needed}: ${blocksPerPartition} blocks for each partition of ${environment}.`,
      )
    }),
}
