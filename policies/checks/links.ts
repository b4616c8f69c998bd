import { milliseconds } from '../model/units.ts'
import { type Broken, type Check, unless } from './check.ts'

/** Round trips that a write with an insert quorum makes: to the coordinators, and to the replicas that must have it. */
const roundTrips = 3

export const links: Check = {
  rule: 'links',
  purpose:
    'a region that no link reaches has no copy, and a quorum over a slow link breaks the latency that is promised',
  find: ({ links: all, regions, environments, cloud, objectives }) => {
    const { latencyP99 } = objectives.ingest
    const own = all.flatMap(({ from, to, roundTrip, replication }, i): Broken[] => {
      const path = `links.${i}`
      const known = [
        ...unless(regions[from]?.cloud !== undefined, `${path}.from`, from, 'must be a region of the cloud.'),
        ...unless(
          regions[to]?.cloud !== undefined && to !== from,
          `${path}.to`,
          to,
          'must be another region of the cloud.',
        ),
      ]
      const slow = unless(
        replication === 'async' || roundTrips * milliseconds(roundTrip) <= milliseconds(latencyP99),
        `${path}.replication`,
        replication,
        `must be 'async': ${roundTrips} round trips of ${roundTrip} from ${from} to ${to} do not fit into objectives.ingest.latencyP99 (${latencyP99}).`,
      )
      const twice = all.findIndex((other) => [other.from, other.to].sort().join() === [from, to].sort().join())
      return [...known, ...slow, ...unless(twice === i, path, `${from} → ${to}`, 'must be listed once.')]
    })
    const reached = Object.keys(cloud).flatMap((environment): Broken[] => {
      const names = environments[environment]?.regions ?? []
      const primary = names.find((name) => regions[name]?.role === 'primary')
      return names
        .filter((name) => name !== primary)
        .flatMap((name) =>
          unless(
            all.some(({ from, to }) => from === primary && to === name),
            `environments.${environment}.regions`,
            name,
            `must be reached by a link from ${primary}, which leads: its data has no copy there otherwise.`,
          ),
        )
    })
    return [...own, ...reached]
  },
}
