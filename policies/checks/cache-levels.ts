import { milliseconds } from '../model/units.ts'
import { type Check, isCount, unless } from './check.ts'

export const cacheLevels: Check = {
  rule: 'cache-levels',
  purpose: 'a nearer cache that lives longer than the one behind it never asks it',
  find: ({ caching: { l1, l2 } }) => [
    ...unless(
      milliseconds(l1.ttl) < milliseconds(l2.ttl),
      'caching.l1.ttl',
      l1.ttl,
      `must be shorter than the second level's (${l2.ttl}).`,
    ),
    ...unless(
      milliseconds(l2.timeout) < milliseconds(l1.ttl),
      'caching.l2.timeout',
      l2.timeout,
      `must be shorter than the first level keeps an answer (${l1.ttl}).`,
    ),
    ...unless(isCount(l1.maxEntries), 'caching.l1.maxEntries', l1.maxEntries, 'must be a whole number from 1.'),
  ],
}
