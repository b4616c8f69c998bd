import type { RegionPolicy } from './model/region.ts'

/** The regions of the platform, by the name that a stack, a tenant's home and a replication edge use. */
export const regions = {
  local: { role: 'primary', jurisdiction: 'local' },
  'us-east-1': { role: 'primary', jurisdiction: 'us' },
  'us-east-2': { role: 'secondary', jurisdiction: 'us' },
  'us-west-2': { role: 'dr', jurisdiction: 'us' },
} as const satisfies Record<string, RegionPolicy>

export type RegionName = keyof typeof regions
