import { isIP } from 'node:net'

/** A block of addresses of one family. An IPv4 address inside IPv6 (`::ffff:10.0.0.1`) is an IPv6 address, in no IPv4 block. */
export interface Cidr {
  readonly source: string
  readonly family: 4 | 6
  /** The address in groups of 16 bits, IPv4 in two, IPv6 in eight. */
  readonly groups: readonly number[]
  readonly prefix: number
}

/** @throws Error when the text is no address with a prefix length that fits it. */
export function parseCidr(source: string): Cidr {
  const [address = '', length, ...rest] = source.split('/')
  const family = isIP(address)
  const prefix = length === undefined ? (family === 4 ? 32 : 128) : Number(length)
  if (
    family === 0 ||
    rest.length > 0 ||
    length === '' ||
    !Number.isInteger(prefix) ||
    prefix < 0 ||
    prefix > (family === 4 ? 32 : 128)
  )
    throw new Error(`'${source}' is no block of addresses.`)
  return { source, family: family as 4 | 6, groups: groupsOf(address, family as 4 | 6), prefix }
}

/** Whether the text is an address inside the block. */
export function inCidr(cidr: Cidr, text: string): boolean {
  if (text.length > 45 || isIP(text) !== cidr.family) return false
  const groups = groupsOf(text, cidr.family)
  for (let left = cidr.prefix, i = 0; left > 0; left -= 16, i++) {
    const mask = left >= 16 ? 0xffff : (0xffff << (16 - left)) & 0xffff
    if ((groups[i]! & mask) !== (cidr.groups[i]! & mask)) return false
  }
  return true
}

function groupsOf(address: string, family: 4 | 6): number[] {
  if (family === 4) {
    const [a, b, c, d] = address.split('.').map(Number)
    return [(a! << 8) | b!, (c! << 8) | d!]
  }
  const zone = address.indexOf('%')
  let text = zone < 0 ? address : address.slice(0, zone)
  const tail = text.slice(text.lastIndexOf(':') + 1)
  if (tail.includes('.')) {
    const [high, low] = groupsOf(tail, 4)
    text = `${text.slice(0, text.lastIndexOf(':') + 1)}${high!.toString(16)}:${low!.toString(16)}`
  }
  const [left = '', right] = text.split('::')
  const parse = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const before = parse(left)
  if (right === undefined) return before
  const after = parse(right)
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}
