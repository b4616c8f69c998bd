import { type Broken, type Check, unless } from './check.ts'

const within = (value: number, most: number): boolean => Number.isInteger(value) && value >= 1 && value <= most

export const addresses: Check = {
  rule: 'addresses',
  purpose: 'two networks with the same addresses can never be joined',
  find: ({ cloud, regions }) => {
    const unique = (entries: readonly (readonly [path: string, network: number])[], what: string): Broken[] =>
      entries.flatMap(([path, network], i) => {
        const other = entries.findIndex(([, taken]) => taken === network)
        return [
          ...unless(within(network, 15), path, network, 'must be a whole number from 1 to 15.'),
          ...unless(
            other === i,
            path,
            network,
            `must differ from ${entries[other]?.[0]}: no two ${what} share addresses.`,
          ),
        ]
      })
    const own = Object.entries(regions).flatMap(([name, { cloud: here }]) => (here ? [[name, here] as const] : []))
    return [
      ...unique(
        Object.entries(cloud).map(([name, { network }]) => [`cloud.${name}.network`, network]),
        'environments',
      ),
      ...unique(
        own.map(([name, { network }]) => [`regions.${name}.cloud.network`, network]),
        'regions',
      ),
      ...own.flatMap(([name, { zones }]) =>
        unless(
          new Set(zones).size === 3 && zones.every((zone) => /^[a-z]$/.test(zone)),
          `regions.${name}.cloud.zones`,
          zones,
          'must be three different letters.',
        ),
      ),
    ]
  },
}
