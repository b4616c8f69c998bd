import { randomBytes } from 'node:crypto'
import { readJson, writeJson } from './files.ts'

export interface LocalTenant {
  readonly token: string
  readonly homeRegion: string
  /** How senders of messages are known (docs/syslog.md). Default: 'acme' sends from this machine, others from nowhere. */
  readonly senders?: { readonly certificates?: readonly string[]; readonly networks?: readonly string[] }
}

/** Passwords and tokens of a local region, made once and kept with its data. */
export interface RegionSecrets {
  /** ClickHouse user → password. */
  readonly clickhouse: Readonly<Record<'sink' | 'analytics', string>>
  readonly redis: string
  readonly prometheus: string
  readonly tenants: Readonly<Record<string, LocalTenant>>
  /** Somebody of the platform, who may ask what all tenants have in common. A region of an earlier version has none until it is brought up again. */
  readonly operators?: Readonly<Record<string, { readonly token: string }>>
}

const secret = (): string => randomBytes(32).toString('base64url')

const operators = () => ({ ops: { token: `nd_op_${secret()}` } })

const tenant = (homeRegion: string): { token: string; homeRegion: string } => ({ token: `nd_${secret()}`, homeRegion })

/** New secrets. The two tenants are those of the examples in the documentation. */
function createSecrets(homeRegion: string): RegionSecrets {
  return {
    clickhouse: { sink: secret(), analytics: secret() },
    redis: secret(),
    prometheus: secret(),
    tenants: { acme: tenant(homeRegion), globex: tenant(homeRegion) },
    operators: operators(),
  }
}

/** The secrets at `path`, made when they are not there; those that a region of an earlier version lacks are added. */
export function ensureSecrets(path: string, homeRegion: string): RegionSecrets {
  const found = readJson<RegionSecrets>(path)
  if (found?.operators) return found
  const made = found ? { ...found, operators: operators() } : createSecrets(homeRegion)
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
