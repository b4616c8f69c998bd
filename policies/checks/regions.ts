import type { Policies } from '../bundle.ts'
import { type Broken, type Check, unless } from './check.ts'

/** Regions of an environment that exist, with the primary if there is exactly one. */
function resolve({ regions }: Policies, names: readonly string[]) {
  const known = names.flatMap((name, i) => {
    const region = regions[name]
    return region ? [{ name, i, region }] : []
  })
  const primaries = known.filter(({ region }) => region.role === 'primary')
  return { known, primaries, primary: primaries.length === 1 ? primaries[0] : undefined }
}

export const regions: Check = {
  rule: 'regions',
  purpose: 'every environment has one region that leads, and every region belongs to an environment',
  find: (policies) => {
    const used = new Set(Object.values(policies.environments).flatMap((environment) => environment.regions))
    return [
      ...Object.entries(policies.environments).flatMap(([environment, { regions: names }]): Broken[] => {
        const path = `environments.${environment}.regions`
        const known = Object.keys(policies.regions).join(', ')
        const unknown = names.flatMap((name, i) =>
          unless(policies.regions[name] !== undefined, `${path}.${i}`, name, `must be one of: ${known}.`),
        )
        const { primaries } = resolve(policies, names)
        const one = unless(
          unknown.length > 0 || primaries.length === 1,
          path,
          names,
          `must hold exactly one primary region; it holds ${primaries.length}.`,
        )
        const once = names.flatMap((name, i) =>
          unless(names.indexOf(name) === i, `${path}.${i}`, name, 'must be listed once.'),
        )
        return [...unknown, ...one, ...once]
      }),
      ...Object.keys(policies.regions).flatMap((name) =>
        unless(used.has(name), `regions.${name}`, name, "must be in an environment's 'regions', or be deleted."),
      ),
    ]
  },
}

export const residency: Check = {
  rule: 'residency',
  purpose: "a copy of a tenant's events must not leave the jurisdiction that they were sent to",
  find: (policies) =>
    Object.entries(policies.environments).flatMap(([environment, { regions: names }]): Broken[] => {
      const { known, primary } = resolve(policies, names)
      if (!primary) return []
      const { jurisdiction } = primary.region
      return known.flatMap(({ name, region }) =>
        unless(
          region.jurisdiction === jurisdiction,
          `regions.${name}.jurisdiction`,
          region.jurisdiction,
          `must be '${jurisdiction}', that of ${primary.name}, whose data it receives in ${environment}.`,
        ),
      )
    }),
}
