import type { Policies } from '../bundle.ts'
import { type ForbiddenEdge, forbiddenEdges } from '../residency.ts'
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
  purpose: 'a copy of data must not leave the jurisdictions that its class may lie in',
  find: (policies) =>
    Object.entries(policies.environments).flatMap(([environment, { regions: names }]): Broken[] => {
      const homes = names.flatMap((name) => {
        const { role, jurisdiction } = policies.regions[name] ?? {}
        if (role !== 'primary' || !jurisdiction) return []
        return Object.entries(policies.objectives.dataClasses).flatMap(([dataClass, { jurisdictions }]) =>
          unless(
            jurisdictions.includes(jurisdiction),
            `regions.${name}.jurisdiction`,
            jurisdiction,
            `must be one that objectives.dataClasses.${dataClass}.jurisdictions lists (${jurisdictions.join(', ')}): '${dataClass}' data arrives there in ${environment}.`,
            environment,
          ),
        )
      })
      const copies = Map.groupBy(forbiddenEdges(policies, environment), ({ dataClass, to }) => `${dataClass} ${to}`)
      return [
        ...homes,
        ...[...copies.values()].flatMap((edges): Broken[] => {
          const [{ dataClass, from, to, jurisdiction, allowed }] = edges as [ForbiddenEdge]
          const what = [...new Set(edges.map((edge) => `${edge.what} '${edge.name}'`))].join(', ')
          return unless(
            false,
            `regions.${to}.jurisdiction`,
            jurisdiction,
            `must be one that objectives.dataClasses.${dataClass}.jurisdictions lists (${allowed.join(', ')}): a link copies '${dataClass}' data from ${from} to ${to} in ${environment} (${what}). Take the link away, choose another region, or let the class lie there.`,
            environment,
          )
        }),
      ]
    }),
}
