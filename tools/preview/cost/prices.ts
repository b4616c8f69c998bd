import list from './prices.json' with { type: 'json' }

interface Group {
  readonly source: string
  readonly unit: 'hour' | 'month' | 'GiB-month' | 'use'
  readonly prices: Readonly<Record<string, number>>
}

const groups = Object.values(list.groups) as readonly Group[]
const monthly: ReadonlyMap<string, number> = new Map(
  groups
    .filter(({ unit }) => unit !== 'use')
    .flatMap(({ unit, prices }) =>
      Object.entries(prices).map(
        ([key, price]) => [key, unit === 'hour' ? price * list.hoursPerMonth : price] as const,
      ),
    ),
)

/** The day of the price list. */
export const pricesAsOf = list.asOf

/** What one unit costs for a month in a region, in US dollars; undefined where the list does not say. */
export const monthlyPrice = (key: string, region: string): number | undefined =>
  list.regions.includes(region) ? monthly.get(key) : undefined

/** What is paid by use, and therefore in no sum: name → US dollars for a unit. */
export const byUse: Readonly<Record<string, number>> = Object.assign(
  {},
  ...groups.filter(({ unit }) => unit === 'use').map(({ prices }) => prices),
)
