import { randomBytes } from 'node:crypto'
import { readJson, writeJson } from './files.ts'

/** Passwords and tokens of a local region, made once and kept with its data. */
export interface RegionSecrets {
  /** ClickHouse user → password. */
  readonly clickhouse: Readonly<Record<'sink' | 'analytics', string>>
  readonly redis: string
  readonly prometheus: string
  readonly tenants: Readonly<Record<string, { readonly token: string; readonly homeRegion: string }>>
}

const secret = (): string => randomBytes(32).toString('base64url')

const tenant = (homeRegion: string): { token: string; homeRegion: string } => ({ token: `nd_${secret()}`, homeRegion })

/** New secrets. The two tenants are those of the examples in the documentation. */
export function createSecrets(homeRegion: string): RegionSecrets {
  return {
    clickhouse: { sink: secret(), analytics: secret() },
    redis: secret(),
    prometheus: secret(),
    tenants: { acme: tenant(homeRegion), globex: tenant(homeRegion) },
  }
}

/** The secrets at `path`, made when they are not there. */
export function ensureSecrets(path: string, homeRegion: string): RegionSecrets {
  const found = readJson<RegionSecrets>(path)
  if (found) return found
  const made = createSecrets(homeRegion)
  writeJson(path, made)
  return made
}

/** Adds tenants that are not there yet, each with a token of its own, and says which. They can send after the next `make up`. */
export function addTenants(path: string, names: readonly string[], homeRegion: string): readonly string[] {
  const found = ensureSecrets(path, homeRegion)
  const added = names.filter((name) => !Object.hasOwn(found.tenants, name))
  if (added.length > 0)
    writeJson(path, {
      ...found,
      tenants: { ...found.tenants, ...Object.fromEntries(added.map((name) => [name, tenant(homeRegion)])) },
    })
  return added
}
