import { milliseconds } from '../../../policies/model/units.ts'
import type { ChartScope } from '../context.ts'

/** Where calls go when a region's own pods do not answer. */
export interface Failover {
  readonly from: string
  readonly to: string
}

/**
 * For each region of the environment the one that stands in for it: joined by a link, under the same law, first one that has the same
 * data at once, then the nearest.
 */
export function failovers({ policy, policies }: ChartScope): readonly Failover[] {
  return policy.regions.flatMap((from) => {
    const others = policies.links
      .flatMap((link) =>
        link.from === from ? [{ ...link, other: link.to }] : link.to === from ? [{ ...link, other: link.from }] : [],
      )
      .filter(
        ({ other }) =>
          policy.regions.includes(other) &&
          policies.regions[other]?.jurisdiction === policies.regions[from]?.jurisdiction,
      )
      .sort(
        (a, b) =>
          Number(a.replication !== 'sync') - Number(b.replication !== 'sync') ||
          milliseconds(a.roundTrip) - milliseconds(b.roundTrip),
      )
    return others[0] ? [{ from, to: others[0].other }] : []
  })
}
