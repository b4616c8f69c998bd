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

/** New secrets. The two tenants are those of the examples in the documentation. */
export function createSecrets(homeRegion: string): RegionSecrets {
  const tenant = (): { token: string; homeRegion: string } => ({ token: `nd_${secret()}`, homeRegion })
  return {
    clickhouse: { sink: secret(), analytics: secret() },
    redis: secret(),
    prometheus: secret(),
    tenants: { acme: tenant(), globex: tenant() },
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
