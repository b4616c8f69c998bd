import type { Policies } from '../policies/bundle.ts'
import type { CloudEnvironment } from '../policies/cloud.ts'

interface Named {
  readonly name: string
  readonly environment: CloudEnvironment
  /** Stacks whose outputs it reads: they come up before it. */
  readonly needs: readonly string[]
}

/** One stack of the cloud. */
export type CloudStack =
  /** What an environment has once: keys, names, registries, the authority, the roles of CI. */
  | (Named & { readonly kind: 'global' })
  /** Network, cluster, platform and data of a region. */
  | (Named & { readonly kind: 'region'; readonly region: string })
  /** The workloads of a region. */
  | (Named & { readonly kind: 'services'; readonly region: string })
  /** What joins the regions: routes, replication, failover. */
  | (Named & { readonly kind: 'links' })

const order = { dr: 0, secondary: 1, primary: 2 } as const

/** The regions of an environment in the order of a change: what serves nobody first, what serves most last. */
export const waves = (policies: Policies, environment: string): readonly string[] =>
  [...(policies.environments[environment]?.regions ?? [])].sort(
    (a, b) => order[policies.regions[a]?.role ?? 'dr'] - order[policies.regions[b]?.role ?? 'dr'],
  )

/** Every stack of every environment in the cloud, each after those that it needs. */
export function cloudStacks(policies: Policies): readonly CloudStack[] {
  return Object.keys(policies.cloud).flatMap((key): CloudStack[] => {
    const environment = key as CloudEnvironment
    const regions = waves(policies, environment)
    const global: CloudStack = { kind: 'global', name: environment, environment, needs: [] }
    const own = regions.flatMap((region): CloudStack[] => {
      const name = `${environment}-${region}`
      return [
        { kind: 'region', name, environment, region, needs: [environment] },
        { kind: 'services', name: `${name}-services`, environment, region, needs: [environment, name] },
      ]
    })
    const links: CloudStack = {
      kind: 'links',
      name: `${environment}-links`,
      environment,
      needs: [environment, ...regions.map((region) => `${environment}-${region}`)],
    }
    return [
      global,
      ...own.filter(({ kind }) => kind === 'region'),
      links,
      ...own.filter(({ kind }) => kind === 'services'),
    ]
  })
}
