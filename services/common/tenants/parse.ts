import { perSecond, type Rate } from '../../../policies/model/units.ts'
import { type Network, overlapping } from './networks.ts'
import { parseSenders } from './senders.ts'

/** How many events a tenant may send: on average per second, and at once. */
export interface Quota {
  readonly eventsPerSecond: number
  readonly burst: number
}

export interface Tenant {
  readonly name: string
  /** The region that takes this tenant's events. */
  readonly homeRegion: string
  /** Undefined: the environment's. */
  readonly quota: Quota | undefined
}

/** A registry file that cannot be used: every problem at once, without tokens. */
export class TenantsError extends Error {
  readonly code = 'BAD_TENANTS'
  readonly problems: readonly string[]
  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(`The tenant registry cannot be used:\n${problems.map((p) => `  - ${p}`).join('\n')}`, options)
    this.name = 'TenantsError'
    this.problems = problems
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A tenant's name travels in event ids and metrics-free logs: short, lower case, no slash. */
const namePattern = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/

function parseQuota(value: unknown, at: string, problems: string[]): Quota | undefined {
  if (value === undefined) return undefined
  if (!isObject(value) || typeof value.events !== 'string' || !Number.isInteger(value.burst)) {
    problems.push(`${at}.quota must be {"events": "<number>/s", "burst": <whole number>}.`)
    return undefined
  }
  try {
    const quota = { eventsPerSecond: perSecond(value.events as Rate), burst: value.burst as number }
    if (quota.eventsPerSecond > 0 && quota.burst > 0) return quota
    problems.push(`${at}.quota must allow more than nothing.`)
  } catch (error) {
    problems.push(`${at}.quota.events: ${(error as Error).message}`)
  }
  return undefined
}

/** One line of the registry: a tenant and how its senders are known. */
export interface TenantEntry {
  readonly tokenSha256: string
  readonly tenant: Tenant
  /** SHA-256 of the certificates (DER) that its senders show, hexadecimal. */
  readonly certificates: readonly string[]
  /** Networks that its senders send from, where they may speak in the clear. */
  readonly networks: readonly Network[]
}

/**
 * Reads a registry: `{"tenants": [{"tenant", "tokenSha256", "homeRegion", "quota"?, "senders"?: {"certificates"?, "networks"?}}]}`.
 * Throws TenantsError.
 */
export function parseTenants(text: string): readonly TenantEntry[] {
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch {
    throw new TenantsError(['It is not JSON.'])
  }
  if (!isObject(root) || !Array.isArray(root.tenants)) throw new TenantsError([`It must be {"tenants": [...]}.`])
  const problems: string[] = []
  const hashes = new Set<string>()
  const entries = root.tenants.map((entry: unknown, index) => {
    const at = `tenants[${index}]`
    const { tenant, tokenSha256, homeRegion, quota, senders } = isObject(entry) ? entry : {}
    const name = typeof tenant === 'string' ? tenant : ''
    if (!namePattern.test(name))
      problems.push(
        `${at}.tenant must be 1 to 63 of a-z, 0-9, '.', '_', '-', beginning and ending with a letter or digit.`,
      )
    const hash = typeof tokenSha256 === 'string' ? tokenSha256.toLowerCase() : ''
    if (!/^[0-9a-f]{64}$/.test(hash)) problems.push(`${at}.tokenSha256 must be 64 hexadecimal digits.`)
    if (hashes.has(hash)) problems.push(`${at}.tokenSha256 stands here twice: a token names one tenant.`)
    hashes.add(hash)
    const home = typeof homeRegion === 'string' ? homeRegion : ''
    if (home === '') problems.push(`${at}.homeRegion must name a region.`)
    return {
      tokenSha256: hash,
      tenant: { name, homeRegion: home, quota: parseQuota(quota, at, problems) },
      ...parseSenders(senders, `${at}.senders`, problems),
    }
  })
  problems.push(...sharedSenders(entries))
  if (problems.length > 0) throw new TenantsError(problems)
  return entries
}

/** A certificate or an address that would name two tenants. */
function sharedSenders(entries: readonly TenantEntry[]): string[] {
  const seen = new Set<string>()
  const twice = entries.flatMap(({ certificates }, index) =>
    certificates.flatMap((certificate, i) => {
      const again = seen.has(certificate)
      seen.add(certificate)
      return again
        ? [`tenants[${index}].senders.certificates[${i}] stands here twice: a certificate names one tenant.`]
        : []
    }),
  )
  const networks = entries.flatMap(({ networks: own }, index) =>
    own.map((network, i) => ({ ...network, at: `tenants[${index}].senders.networks[${i}]` })),
  )
  return [
    ...twice,
    ...overlapping(networks).map(
      ([a, b]) => `${b.at} (${b.text}) holds addresses of ${a.at} (${a.text}): an address names one tenant.`,
    ),
  ]
}
