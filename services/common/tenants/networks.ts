import { isIPv4, isIPv6 } from 'node:net'

/** A block of addresses, both ends included. IPv4 addresses are those that IPv6 has for them (::ffff:0:0/96). */
export interface Network {
  readonly first: bigint
  readonly last: bigint
  /** As it was written. */
  readonly text: string
}

const mapped = 0xffffn << 32n
const all = 128n

function ipv4(text: string): bigint {
  return text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
}

function ipv6(text: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const low = dotted && ipv4(dotted[2]!)
  const plain = dotted ? `${dotted[1]}${(low! >> 16n).toString(16)}:${(low! & 0xffffn).toString(16)}` : text
  const [head, tail] = plain.split('::') as [string, string | undefined]
  const groups = (part: string | undefined) => (part ? part.split(':') : [])
  const [before, after] = [groups(head), groups(tail)]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
}

/** An address as a number of 128 bits, without its zone. Undefined for a text that is none. */
export function parseAddress(text: string): bigint | undefined {
  const bare = text.split('%')[0]!
  if (isIPv4(bare)) return mapped | ipv4(bare)
  return isIPv6(bare) ? ipv6(bare) : undefined
}

/** '10.0.0.0/8', '2001:db8::/32', or one address. Undefined for anything else, also where bits after the prefix are set. */
export function parseNetwork(text: string): Network | undefined {
  const [address, length, ...more] = text.split('/') as [string, string | undefined, ...string[]]
  const start = parseAddress(address)
  if (start === undefined || more.length > 0 || address.includes('%')) return undefined
  const width = isIPv4(address) ? 32n : all
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined
  const prefix = length === undefined ? width : BigInt(length)
  if (prefix > width) return undefined
  const hosts = (1n << (width - prefix)) - 1n
  return (start & hosts) === 0n ? { first: start, last: start | hosts, text } : undefined
}

const byFirst = (a: Network, b: Network): number => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0)

/** Pairs of networks that share addresses; of many, each with one that it collides with. */
export function overlapping<T extends Network>(networks: readonly T[]): readonly (readonly [T, T])[] {
  const pairs: [T, T][] = []
  let widest: T | undefined
  for (const network of [...networks].sort(byFirst)) {
    if (widest && network.first <= widest.last) pairs.push([widest, network])
    if (!widest || network.last > widest.last) widest = network
  }
  return pairs
}

/** Finds whose an address is, among networks that do not overlap. */
export class NetworkTable<T> {
  readonly #entries: readonly { readonly network: Network; readonly value: T }[]

  constructor(entries: Iterable<{ readonly network: Network; readonly value: T }>) {
    this.#entries = [...entries].sort((a, b) => byFirst(a.network, b.network))
  }

  find(address: string): T | undefined {
    const number = parseAddress(address)
    if (number === undefined) return undefined
    let from = 0
    let to = this.#entries.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.#entries[middle]!.network.last < number) from = middle + 1
      else to = middle
    }
    const found = this.#entries[from]
    return found && found.network.first <= number ? found.value : undefined
  }
}
