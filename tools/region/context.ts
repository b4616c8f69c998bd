import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where a local region keeps itself, and where the tools that make it are cached. */
export interface Places {
  readonly region: string
  readonly stateRoot: string
  /** stateRoot/region */
  readonly state: string
  readonly cacheRoot: string
}

/** The places that the environment names: NEURODEFENDER_REGION, NEURODEFENDER_STATE, NEURODEFENDER_CACHE, XDG_*. */
export function places(env: NodeJS.ProcessEnv = process.env): Places {
  const region = env.NEURODEFENDER_REGION || 'local'
  const stateRoot =
    env.NEURODEFENDER_STATE || join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'neurodefender')
  const cacheRoot = env.NEURODEFENDER_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'neurodefender')
  return { region, stateRoot, state: join(stateRoot, region), cacheRoot }
}

export class UsageError extends Error {
  readonly code = 'USAGE'
}

interface Tenant {
  readonly token: string
  readonly homeRegion: string
}

/** What a caller from outside the region needs: the entry points, the authority to trust, a tenant's token. */
export interface Entry {
  readonly ca: string
  readonly token: string
  readonly tenant: string
  readonly nodeAddress: string
}

function read(file: string, region: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`There is no region '${region}' here (${file} is missing). Bring it up with: make up`, {
      cause,
    })
  }
}

/** Reads the region's folder. Throws UsageError when the region or the tenant does not exist. */
export function entry(where: Places, tenant: string): Entry {
  const region = JSON.parse(read(join(where.state, 'region.json'), where.region)) as { nodeAddress: string }
  const secrets = JSON.parse(read(join(where.state, 'secrets.json'), where.region)) as {
    tenants: Record<string, Tenant>
  }
  const known = secrets.tenants[tenant]
  if (!known)
    throw new UsageError(`There is no tenant '${tenant}' here; there are: ${Object.keys(secrets.tenants).join(', ')}.`)
  return {
    ca: read(join(where.state, 'workload-pki', 'ca.crt'), where.region),
    token: known.token,
    tenant,
    nodeAddress: region.nodeAddress,
  }
}
