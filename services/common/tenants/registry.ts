import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import type { Log } from '../log/log.ts'
import { parseTenants, type Tenant, TenantsError } from './parse.ts'

export type { Quota, Tenant } from './parse.ts'

/** Who may talk to us: tenants by their token's SHA-256, from a mounted file that may change while we run. */
export class TenantRegistry {
  readonly #file: string
  readonly #log: Log
  #byHash = new Map<string, { readonly hash: Buffer; readonly tenant: Tenant }>()

  /** Throws TenantsError with every problem when the file cannot be used at boot. Later, the last good content stays. */
  constructor(file: string, log: Log, pollMs = 5_000) {
    this.#file = file
    this.#log = log
    this.#load()
    watchFile(file, { interval: pollMs, persistent: false }, () => this.reload())
  }

  get size(): number {
    return this.#byHash.size
  }

  /** The tenant that owns a token. */
  find(token: string): Tenant | undefined {
    const hash = createHash('sha256').update(token).digest()
    const found = this.#byHash.get(hash.toString('hex'))
    return found && timingSafeEqual(found.hash, hash) ? found.tenant : undefined
  }

  /** Reads the file again now. */
  reload(): void {
    try {
      this.#load()
      this.#log.info('The tenant registry was read again.', { tenants: this.size })
    } catch (error) {
      this.#log.error('The changed tenant registry cannot be used; the one before stays.', { error })
    }
  }

  #load(): void {
    let text: string
    try {
      text = readFileSync(this.#file, 'utf8')
    } catch (cause) {
      throw new TenantsError([`${this.#file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`], { cause })
    }
    this.#byHash = new Map(
      parseTenants(text).map(({ tokenSha256, tenant }) => [
        tokenSha256,
        { hash: Buffer.from(tokenSha256, 'hex'), tenant },
      ]),
    )
  }

  close(): void {
    unwatchFile(this.#file)
  }
}
