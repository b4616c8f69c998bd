import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import type { Log } from '../log/log.ts'
import { NetworkTable } from './networks.ts'
import { type Operator, parseOperators } from './operators.ts'
import { parseTenants, type Tenant, TenantsError } from './parse.ts'
import { fingerprint } from './senders.ts'

export type { Operator, OperatorRole } from './operators.ts'
export type { Quota, Tenant } from './parse.ts'

/** Who bears a token, known by its SHA-256. */
type Bearers<T> = ReadonlyMap<string, { readonly hash: Buffer; readonly who: T }>

const bearers = <T>(entries: readonly (readonly [tokenSha256: string, who: T])[]): Bearers<T> =>
  new Map(entries.map(([hash, who]) => [hash, { hash: Buffer.from(hash, 'hex'), who }]))

function bearerOf<T>(token: string, known: Bearers<T>): T | undefined {
  const hash = createHash('sha256').update(token).digest()
  const found = known.get(hash.toString('hex'))
  return found && timingSafeEqual(found.hash, hash) ? found.who : undefined
}

/** Who may talk to us: tenants by their token's SHA-256, their senders' certificates and networks, from a mounted file that may change while we run. */
export class TenantRegistry {
  readonly #file: string
  readonly #log: Log
  #byHash = bearers<Tenant>([])
  #operators = bearers<Operator>([])
  #byCertificate: ReadonlyMap<string, Tenant> = new Map()
  #byAddress = new NetworkTable<Tenant>([])

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
    return bearerOf(token, this.#byHash)
  }

  /** The operator who owns a token; never a tenant. */
  findOperator(token: string): Operator | undefined {
    return bearerOf(token, this.#operators)
  }

  /** The tenant whose senders show a certificate: SHA-256 of its DER, hexadecimal, with or without colons. */
  findByCertificate(sha256: string): Tenant | undefined {
    return this.#byCertificate.get(fingerprint(sha256))
  }

  /** The tenant whose senders send from an address. */
  findByAddress(address: string): Tenant | undefined {
    return this.#byAddress.find(address)
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
    const entries = parseTenants(text)
    const operators = parseOperators(
      text,
      entries.map(({ tokenSha256 }) => tokenSha256),
    )
    this.#byCertificate = new Map(
      entries.flatMap(({ tenant, certificates }) => certificates.map((certificate) => [certificate, tenant] as const)),
    )
    this.#byAddress = new NetworkTable(
      entries.flatMap(({ tenant, networks }) => networks.map((network) => ({ network, value: tenant }))),
    )
    this.#byHash = bearers(entries.map(({ tokenSha256, tenant }) => [tokenSha256, tenant]))
    this.#operators = bearers(operators.map(({ tokenSha256, operator }) => [tokenSha256, operator]))
  }

  close(): void {
    unwatchFile(this.#file)
  }
}
