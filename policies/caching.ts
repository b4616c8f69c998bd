import type { CachingPolicy } from './model/caching.ts'

/** L1 and L2 times are the seed's: 1 s in process, 60 s in Redis. The third level is the hot tier. */
export const caching = {
  l1: { ttl: '1s', maxEntries: 1_000 },
  l2: { ttl: '60s', timeout: '50ms' },
  refusals: { ttl: '5s' },
} as const satisfies CachingPolicy
