import { lookup as dnsLookup, type LookupAddress } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { reservedNetworks } from '../../../../policies/model/reserved.ts'

/** Ranges of IPv4 that webhooks may not call. */
const reserved = new BlockList()
for (const network of reservedNetworks) {
  const [net, bits] = network.split('/') as [string, string]
  reserved.addSubnet(net, Number(bits), 'ipv4')
}

/** The part of IPv6 that is given out, without what is reserved in it or carries IPv4 inside (NAT64, Teredo, 6to4). */
const global = new BlockList()
global.addSubnet('2000::', 3, 'ipv6')
const reserved6 = new BlockList()
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  reserved6.addSubnet(net, bits, 'ipv6')

/** Whether an address is one of the public internet. Throws nothing; what is no address is not. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !reserved.check(address, 'ipv4')
  return family === 6 && global.check(address, 'ipv6') && !reserved6.check(address, 'ipv6')
}

export class AddressError extends Error {
  readonly code = 'FORBIDDEN_ADDRESS'
}

type Resolve = (
  host: string,
  options: { readonly all: true; readonly family: number },
  done: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void

/**
 * A look-up for sockets that refuses a name unless all its addresses are allowed. The socket connects to an address that was judged, so a name that
 * leads elsewhere a moment later (DNS rebinding) gains nothing.
 */
export const guardedLookup =
  (allowed: (address: string) => boolean, resolve: Resolve = dnsLookup as unknown as Resolve): LookupFunction =>
  (host, options, done) => {
    resolve(host, { all: true, family: Number(options.family ?? 0) }, (error, addresses) => {
      if (error) return done(error, '', 0)
      const forbidden = addresses.find(({ address }) => !allowed(address))
      const [first] = addresses
      if (forbidden || !first)
        return done(new AddressError('The name leads to an address that webhooks may not call.'), '', 0)
      if (options.all) return done(null, [...addresses])
      done(null, first.address, first.family)
    })
  }
