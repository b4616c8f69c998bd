import { createHash, timingSafeEqual } from 'node:crypto'
import { WatchedFile, type WatchedFileOptions } from '../files/watched-file.ts'
import { NetworkTable } from './networks.ts'
import { type Operator, parseOperators } from './operators.ts'
import { parseTenants, type Tenant } from './parse.ts'
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

/** What a registry says, ready to be asked. */
interface Known {
  readonly byHash: Bearers<Tenant>
  readonly operators: Bearers<Operator>
  readonly byCertificate: ReadonlyMap<string, Tenant>
  readonly byAddress: NetworkTable<Tenant>
}

function knownOf(text: string): Known {
  const entries = parseTenants(text)
  const operators = parseOperators(
    text,
    entries.map(({ tokenSha256 }) => tokenSha256),
  )
  return {
    byHash: bearers(entries.map(({ tokenSha256, tenant }) => [tokenSha256, tenant])),
    operators: bearers(operators.map(({ tokenSha256, operator }) => [tokenSha256, operator])),
    byCertificate: new Map(
      entries.flatMap(({ tenant, certificates }) => certificates.map((certificate) => [certificate, tenant] as const)),
    ),
    byAddress: new NetworkTable(
      entries.flatMap(({ tenant, networks }) => networks.map((network) => ({ network, value: tenant }))),
    ),
  }
}

/** Who may talk to us: tenants by their token's SHA-256, their senders' certificates and networks, from a mounted file that may change while we run. */
export class TenantRegistry {
  readonly #file: WatchedFile<Known>

  /** Throws TenantsError with every problem, or FileError, when the file cannot be used at boot. Later, the last good content stays. */
  constructor(options: Pick<WatchedFileOptions<Known>, 'file' | 'log' | 'pollMs' | 'counts'>) {
    this.#file = new WatchedFile({ ...options, name: 'tenants', what: 'the tenant registry', parse: knownOf })
  }

  get size(): number {
    return this.#file.current.byHash.size
  }

  /** The tenant that owns a token. */
  find(token: string): Tenant | undefined {
    return bearerOf(token, this.#file.current.byHash)
  }

  /** The operator who owns a token; never a tenant. */
  findOperator(token: string): Operator | undefined {
    return bearerOf(token, this.#file.current.operators)
  }

  /** The tenant whose senders show a certificate: SHA-256 of its DER, hexadecimal, with or without colons. */
  findByCertificate(sha256: string): Tenant | undefined {
    return this.#file.current.byCertificate.get(fingerprint(sha256))
  }

  /** The tenant whose senders send from an address. */
  findByAddress(address: string): Tenant | undefined {
    return this.#file.current.byAddress.find(address)
  }

  /** Reads the file again now. */
  reload(): void {
    this.#file.reload()
  }

  close(): void {
    this.#file.close()
  }
}
