import type { AwsScope } from '../scope.ts'

/** Addresses of one zone, one range for each kind of subnet. */
export interface ZoneAddresses {
  /** 'us-east-1a' */
  readonly zone: string
  readonly private: string
  readonly public: string
  readonly intra: string
}

/** Addresses of one region. */
export interface Addresses {
  /** '10.33.0.0/16' */
  readonly network: string
  readonly zones: readonly ZoneAddresses[]
}

/** Service addresses of every cluster. Outside 10.0.0.0/8, so that no network can meet them; they never leave a cluster. */
export const serviceRange = '172.20.0.0/16'

function within(value: number, least: number, most: number, path: string, what: string): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${path} (${value}) must be a whole number from ${least} to ${most}: it is ${what}.`)
}

/**
 * An environment has a /12 of 10.0.0.0/8 and a region a /16 of it, so two networks never share an address. Throws RangeError.
 * In a region's 65,536 addresses each zone has
 * - private, a /18 (16,384): the CNI hands a node whole blocks of 16, and a thousand blocks are several times what the pools may start;
 * - intra, a /20 (4,096): brokers, caches, endpoints and the control plane, which only grow by hand;
 * - public, a /24 (256): load balancers and NAT, of which a zone has a few.
 */
export function addresses({ cloud, here, region }: Pick<AwsScope, 'cloud' | 'here' | 'region'>): Addresses {
  within(cloud.network, 1, 15, 'cloud.network', 'the /12 of the environment')
  within(here.cloud.network, 0, 15, `regions.${region}.cloud.network`, 'the /16 of the region')
  const prefix = `10.${16 * cloud.network + here.cloud.network}`
  return {
    network: `${prefix}.0.0/16`,
    zones: here.cloud.zones.map((letter, i) => ({
      zone: `${region}${letter}`,
      private: `${prefix}.${64 * i}.0/18`,
      intra: `${prefix}.${192 + 16 * i}.0/20`,
      public: `${prefix}.${240 + i}.0/24`,
    })),
  }
}

/** Networks of the environment's other regions, which peering joins to this one. */
export const peerNetworks = ({ cloud, policies, policy, region }: AwsScope): readonly string[] =>
  policy.regions.flatMap((other) => {
    const here = policies.regions[other]
    if (other === region || !here?.cloud) return []
    return [addresses({ cloud, here: { ...here, cloud: here.cloud }, region: other }).network]
  })
