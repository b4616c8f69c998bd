import type { RegionLink, RegionPolicy } from './model/region.ts'

/** The regions of the platform, by the name that a stack, a tenant's home and a replication edge use. */
export const regions = {
  local: { role: 'primary', jurisdiction: 'local' },
  'us-east-1': { role: 'primary', jurisdiction: 'us', cloud: { network: 1, zones: ['a', 'b', 'c'] } },
  'us-east-2': { role: 'secondary', jurisdiction: 'us', cloud: { network: 2, zones: ['a', 'b', 'c'] } },
  'us-west-2': { role: 'dr', jurisdiction: 'us', cloud: { network: 3, zones: ['a', 'b', 'c'] } },
} as const satisfies Record<string, RegionPolicy>

/** The seed's regional distribution: primary → secondary at once, both → DR behind. Round trips: see docs/aws.md. */
export const links = [
  { from: 'us-east-1', to: 'us-east-2', roundTrip: '16ms', replication: 'sync' },
  { from: 'us-east-1', to: 'us-west-2', roundTrip: '70ms', replication: 'async' },
  { from: 'us-east-2', to: 'us-west-2', roundTrip: '60ms', replication: 'async' },
] as const satisfies readonly RegionLink[]

export type RegionName = keyof typeof regions
