import { type Network, parseNetwork } from './networks.ts'

export interface Senders {
  readonly certificates: readonly string[]
  readonly networks: readonly Network[]
}

const texts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string')

/** A certificate's SHA-256 as it is compared: lower case, without the colons that openssl writes. */
export const fingerprint = (text: string): string => text.replaceAll(':', '').toLowerCase()

/** How a tenant's senders are known who show no token. Problems are added to the list. */
export function parseSenders(value: unknown, at: string, problems: string[]): Senders {
  if (value === undefined) return { certificates: [], networks: [] }
  const given = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { certificates: 0 }
  const { certificates = [], networks = [] } = given as Readonly<Record<string, unknown>>
  if (!texts(certificates) || !texts(networks)) {
    problems.push(`${at} must be {"certificates"?: [SHA-256, …], "networks"?: ["10.0.0.0/8", …]}.`)
    return { certificates: [], networks: [] }
  }
  const hashes = certificates.map(fingerprint)
  for (const [i, hash] of hashes.entries())
    if (!/^[0-9a-f]{64}$/.test(hash))
      problems.push(`${at}.certificates[${i}] must be the SHA-256 of a certificate, 64 hexadecimal digits.`)
  const parsed = networks.map(parseNetwork)
  for (const [i, network] of parsed.entries())
    if (network === undefined)
      problems.push(`${at}.networks[${i}] must be a network as '10.0.0.0/8' or '2001:db8::/32', its host bits zero.`)
  return { certificates: hashes, networks: parsed.filter((network) => network !== undefined) }
}
