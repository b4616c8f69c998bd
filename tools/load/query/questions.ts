/** A request to the service. */
export interface Asked {
  readonly kind: string
  readonly tenant: string
  readonly path: '/v1/query' | '/v1/search'
  readonly body: Readonly<Record<string, unknown>>
}

export interface Place {
  readonly tenants: number
  /** Milliseconds since the epoch: the span of the data. */
  readonly from: number
  readonly to: number
}

const hour = 3_600_000
const iso = (ms: number): string => new Date(ms).toISOString()
const aligned = (ms: number): number => Math.floor(ms / hour) * hour

type Make = (random: () => number, place: Place, n: number) => Omit<Asked, 'tenant' | 'kind'>

const query = (body: Asked['body']): Omit<Asked, 'tenant' | 'kind'> => ({ path: '/v1/query', body })
const search = (body: Asked['body']): Omit<Asked, 'tenant' | 'kind'> => ({ path: '/v1/search', body })
const code = (random: () => number): string => String(4_600 + Math.floor(160 ** random()) - 1)

/**
 * What people at screens ask, with a weight. `n` makes each different from all before, so that no cache has it: it goes into the limit, or into the end of
 * a span that lies after the last event.
 */
const kinds: Readonly<Record<string, readonly [weight: number, make: Make]>> = {
  'by channel, all time': [
    2,
    (_, { from }, n) => query({ groupBy: ['channel'], from: iso(aligned(from)), limit: 100 + (n % 9_000) }),
  ],
  'by hour, a day': [
    3,
    (_, { to }, n) =>
      query({ groupBy: [{ bucket: '1h' }], from: iso(aligned(to) - 23 * hour), limit: 100 + (n % 9_000) }),
  ],
  'top hosts, a day': [
    2,
    (_, { to }, n) => query({ groupBy: ['host'], from: iso(aligned(to) - 23 * hour), limit: 10 + (n % 9_000) }),
  ],
  'top codes by channel, a day': [
    1,
    (_, { to }, n) =>
      query({ groupBy: ['channel', 'code'], from: iso(aligned(to) - 23 * hour), limit: 10 + (n % 9_000) }),
  ],
  'by code, an hour': [2, (_, { to }, n) => query({ groupBy: ['code'], from: iso(to - hour), to: iso(to + n) })],
  'by minute and channel, an hour': [
    1,
    (_, { to }, n) =>
      query({ groupBy: [{ bucket: '1m' }, 'channel'], from: iso(to - hour), to: iso(to + n), limit: 1_000 }),
  ],
  'delay percentiles, six hours': [
    1,
    (_, { to }, n) =>
      query({ aggregate: { quantiles: ['p50', 'p99'], of: 'delay' }, from: iso(to - 6 * hour), to: iso(to + n) }),
  ],
  'different hosts, an hour': [
    1,
    (_, { to }, n) => query({ aggregate: { uniq: 'host' }, from: iso(to - hour), to: iso(to + n) }),
  ],
  'latest events': [2, (_, { to }, n) => search({ to: iso(to + n), limit: 50 })],
  'latest events of a code': [
    2,
    (random, { to }, n) =>
      search({
        filter: [{ field: 'code', op: 'eq', value: code(random) }],
        from: iso(to - 24 * hour),
        to: iso(to + n),
        limit: 50,
      }),
  ],
  'a text, ten minutes': [
    1,
    (random, { to }, n) =>
      search({
        filter: [{ field: 'raw', op: 'contains', value: `"user${Math.floor(random() * 5_000)}"` }],
        from: iso(to - hour / 6),
        to: iso(to + n),
        columns: ['raw'],
        limit: 50,
      }),
  ],
  'alerts by level, all time': [
    1,
    (_, __, n) => query({ source: 'alerts', groupBy: ['level'], limit: 10 + (n % 9_000) }),
  ],
  'latest alerts': [1, (_, { to }, n) => search({ source: 'alerts', to: iso(to + n), limit: 50 })],
}

const total = Object.values(kinds).reduce((sum, [weight]) => sum + weight, 0)

/** A question of one of the tenants, the large ones more often. */
export function anyQuestion(random: () => number, place: Place, n: number): Asked {
  const tenant = `tenant-${Math.min(Math.floor(place.tenants ** random()) - 1, place.tenants - 1)}`
  let left = random() * total
  for (const [kind, [weight, make]] of Object.entries(kinds)) {
    left -= weight
    if (left < 0) return { kind, tenant, ...make(random, place, n) }
  }
  throw new RangeError('The weights do not sum up.')
}
