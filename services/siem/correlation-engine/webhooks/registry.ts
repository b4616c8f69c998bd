import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { type AlertLevel, alertLevels } from '../../../common/alerts/alert.ts'
import { type FileCounts, WatchedFile } from '../../../common/files/watched-file.ts'
import type { Log } from '../../../common/log/log.ts'

/** Where a tenant wants its alerts. */
export interface Webhook {
  readonly tenant: string
  readonly url: URL
  /** Name of the file that holds the key of its signatures. */
  readonly secret: string
  /** Alerts below this level are not sent. */
  readonly level: AlertLevel
}

/** Of one tenant. */
const mostWebhooks = 10
const secretName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export interface WebhookRules {
  /** Whether an address may be called. */
  readonly allowed: (address: string) => boolean
  readonly ports: (port: number) => boolean
}

function urlOf(value: unknown, rules: WebhookRules): URL | string {
  const url = typeof value === 'string' && value.length <= 2_048 ? URL.parse(value) : null
  if (url === null || url.protocol !== 'https:') return 'must be a URL that begins with https://.'
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return 'must hold neither a password nor a fragment.'
  if (!rules.ports(Number(url.port || 443))) return 'must use port 443.'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !rules.allowed(host)) return 'must not name an address that is not public.'
  return url
}

/** The webhooks in a tenant registry: `{"tenants": [{"tenant", "webhooks": [{"url", "secret", "level"?}]}]}`. What is wrong with one leaves the others alone. */
export function parseWebhooks(
  text: string,
  rules: WebhookRules,
): { readonly webhooks: readonly Webhook[]; readonly problems: readonly string[] } {
  const webhooks: Webhook[] = []
  const problems: string[] = []
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch {
    return { webhooks, problems: ['It is not JSON.'] }
  }
  const tenants = isObject(root) && Array.isArray(root.tenants) ? root.tenants : []
  for (const [index, entry] of tenants.entries()) {
    if (!isObject(entry) || typeof entry.tenant !== 'string' || entry.webhooks === undefined) continue
    const at = `tenants[${index}].webhooks`
    if (!Array.isArray(entry.webhooks) || entry.webhooks.length > mostWebhooks) {
      problems.push(`${at} must be a list of at most ${mostWebhooks}.`)
      continue
    }
    for (const [i, one] of entry.webhooks.entries()) {
      const { url: given, secret, level = 'informational' } = isObject(one) ? one : {}
      const url = urlOf(given, rules)
      const own = [
        ...(typeof url === 'string' ? [`url ${url}`] : []),
        ...(typeof secret === 'string' && secretName.test(secret)
          ? []
          : ['secret must be the name of a mounted file.']),
        ...(alertLevels.includes(level as AlertLevel) ? [] : [`level must be one of ${alertLevels.join(', ')}.`]),
      ]
      problems.push(...own.map((problem) => `${at}[${i}].${problem}`))
      if (own.length === 0 && typeof url !== 'string')
        webhooks.push({ tenant: entry.tenant, url, secret: secret as string, level: level as AlertLevel })
    }
  }
  return { webhooks, problems }
}

/** Webhooks by tenant, from a mounted registry that may change while we run, and the keys beside them. */
export class WebhookRegistry {
  readonly #file: WatchedFile<ReadonlyMap<string, readonly Webhook[]>>
  readonly #secrets: string

  /** A registry that is not there or no JSON has no webhooks; later, those of the last good content stay. */
  constructor(options: {
    readonly file: string
    readonly secrets: string
    readonly rules: WebhookRules
    readonly log: Log
    readonly counts?: FileCounts
  }) {
    const { secrets, rules, ...file } = options
    this.#secrets = secrets
    this.#file = new WatchedFile<ReadonlyMap<string, readonly Webhook[]>>({
      ...file,
      name: 'tenants',
      what: 'the registry of webhooks',
      before: new Map(),
      parse(text) {
        const { webhooks, problems } = parseWebhooks(text, rules)
        if (problems.length > 0) file.log.warn('Webhooks are left out.', { problems })
        return Map.groupBy(webhooks, ({ tenant }) => tenant)
      },
    })
  }

  of(tenant: string): readonly Webhook[] {
    return this.#file.current.get(tenant) ?? []
  }

  /** The key of a webhook's signatures, as it is now. Throws when there is none. */
  key({ secret }: Webhook): Buffer {
    const key = readFileSync(join(this.#secrets, secret), 'utf8').trim()
    if (key === '') throw new Error(`The secret '${secret}' is empty.`)
    return Buffer.from(key)
  }

  /** Reads the file again now. */
  reload(): void {
    this.#file.reload()
  }

  close(): void {
    this.#file.close()
  }
}
