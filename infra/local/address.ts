import { LocalRegionError } from './errors.ts'

/** Every address of one region. Index i owns 10.(180+i).0.0/16 and nothing else. */
export interface AddressPlan {
  readonly index: number
  /** All networks of the region: what the machine must never send anywhere. */
  readonly network: string
  readonly podCidr: string
  readonly serviceCidr: string
  /** The bridge inside the region: API server and node ports. */
  readonly nodeAddress: string
  /** The machine's end of the cable into the region. */
  readonly hostAddress: string
  readonly podRange: { readonly start: string; readonly end: string }
  readonly dnsAddress: string
  readonly kubernetesAddress: string
}

export const maxRegions = 60
const firstOctet = 180

/** The plan of region `index` (0 to 59). Throws RangeError outside it. */
export function addressPlan(index: number): AddressPlan {
  if (!Number.isInteger(index) || index < 0 || index >= maxRegions)
    throw new RangeError(`Region index ${index} is not between 0 and ${maxRegions - 1}.`)
  const base = `10.${firstOctet + index}`
  return {
    index,
    network: `${base}.0.0/16`,
    podCidr: `${base}.0.0/24`,
    serviceCidr: `${base}.128.0/20`,
    nodeAddress: `${base}.0.1`,
    hostAddress: `${base}.0.2`,
    podRange: { start: `${base}.0.10`, end: `${base}.0.250` },
    dnsAddress: `${base}.128.10`,
    kubernetesAddress: `${base}.128.1`,
  }
}

/** A network in use on the machine, and what uses it. */
export interface TakenNetwork {
  readonly cidr: string
  readonly holder: string
}

interface Range {
  readonly first: number
  readonly last: number
}

/** First and last address of an IPv4 network; a bare address is a network of one. */
function range(cidr: string): Range {
  const [address = '', length = '32'] = cidr.split('/')
  const octets = address.split('.').map(Number)
  const size = 2 ** (32 - Number(length))
  const value = octets.reduce((sum, octet) => sum * 256 + octet, 0)
  if (octets.length > 4 || octets.some((o) => !(o >= 0 && o <= 255)) || !(size >= 1))
    throw new RangeError(`'${cidr}' is not an IPv4 network.`)
  // `ip route` may shorten a network ("10.0/16" is "10.0.0.0/16").
  const start = value * 256 ** (4 - octets.length)
  const first = start - (start % size)
  return { first, last: first + size - 1 }
}

/** Whether two IPv4 networks share an address. Throws RangeError for text that is no network. */
export function overlaps(a: string, b: string): boolean {
  const [x, y] = [range(a), range(b)]
  return x.first <= y.last && y.first <= x.last
}

/** What holds an address of the plan, if anything does. */
export function conflict(plan: AddressPlan, taken: readonly TakenNetwork[]): TakenNetwork | undefined {
  return taken.find((t) => overlaps(t.cidr, plan.network))
}

/**
 * The lowest free index. `reserved` are indexes of stopped regions that keep their data.
 * Throws NO_FREE_ADDRESSES, naming what holds the networks.
 */
export function freePlan(taken: readonly TakenNetwork[], reserved: ReadonlySet<number>): AddressPlan {
  const holders = new Set<string>()
  for (let index = 0; index < maxRegions; index++) {
    if (reserved.has(index)) continue
    const plan = addressPlan(index)
    const holder = conflict(plan, taken)
    if (!holder) return plan
    holders.add(`${holder.cidr} (${holder.holder})`)
  }
  const names = [...holders, ...(reserved.size ? [`${reserved.size} stopped regions that keep their data`] : [])]
  throw new LocalRegionError(
    'NO_FREE_ADDRESSES',
    `No network is free for a region between 10.${firstOctet}.0.0/16 and 10.${firstOctet + maxRegions - 1}.0.0/16: held by ${names.slice(0, 8).join(', ')}. Remove one of these, or take a region down with 'make down'.`,
  )
}
