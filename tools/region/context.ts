import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultCacheRoot, defaultStateRoot, readRegion } from '../../infra/local/region.ts'

/** Where a local region keeps itself, and where the tools that make it are cached. */
export interface Places {
  readonly region: string
  readonly stateRoot: string
  /** The region's own folder: stateRoot/region. */
  readonly state: string
  readonly cacheRoot: string
}

/** The places that the environment names: NEURODEFENDER_REGION, NEURODEFENDER_STATE, NEURODEFENDER_CACHE, XDG_*. */
export function places(env: NodeJS.ProcessEnv = process.env): Places {
  const region = env.NEURODEFENDER_REGION || 'local'
  const stateRoot = defaultStateRoot(env)
  return { region, stateRoot, state: join(stateRoot, region), cacheRoot: defaultCacheRoot(env) }
}

export class UsageError extends Error {
  readonly code = 'USAGE'
}

/** What a caller from outside the region needs: the entry points, the authority to trust, a tenant's token. */
export interface Entry {
  readonly ca: string
  readonly token: string
  readonly tenant: string
  readonly nodeAddress: string
}

/** Reads the region's folder. Throws LocalRegionError NO_REGION, and UsageError for a tenant that does not exist. */
export function entry({ region, stateRoot }: Places, tenant: string): Entry {
  const { secrets, paths, nodeAddress } = readRegion(region, stateRoot)
  const known = (secrets.tenants as Readonly<Record<string, { readonly token: string }>>)[tenant]
  if (!known)
    throw new UsageError(`There is no tenant '${tenant}' here; there are: ${Object.keys(secrets.tenants).join(', ')}.`)
  const ca = readFileSync(join(paths.workloadPki, 'ca.crt'), 'utf8')
  return { ca, token: known.token, tenant, nodeAddress }
}
