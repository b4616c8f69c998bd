import type { Bytes, Cpu, Duration } from './units.ts'

/** Machines that Karpenter may start for one kind of work. */
export interface NodePoolPolicy {
  /** Instance types of `model/instances.ts`, all of one architecture. */
  readonly instances: readonly string[]
  readonly architecture: 'amd64' | 'arm64'
  /** The most that all machines of the pool have together. */
  readonly limits: { readonly cpu: Cpu; readonly memory: Bytes; readonly gpu?: number }
  /** From the decision to start a machine until it can run pods; needed where something in the pool scales. */
  readonly nodeStartup?: Duration
  /** Spot is cheaper and can be taken away with two minutes' notice. */
  readonly capacity: 'on-demand' | 'spot'
}

/** Capacity that stands ready for a service before it is asked for, because a machine takes longer than the objective allows. */
export interface HeadroomPolicy {
  /** Pods of the service's size that a placeholder of low priority keeps room for. */
  readonly pods: number
}

/** What of EKS itself runs in a cluster, each in a version of its own. */
export type AddonName =
  | 'vpc-cni'
  | 'kube-proxy'
  | 'coredns'
  | 'eks-pod-identity-agent'
  | 'aws-ebs-csi-driver'
  | 'metrics-server'

export interface CloudPolicy {
  /** Which /12 of 10.0.0.0/8 is the environment's, 1 to 15: sixteen /16 for its regions. */
  readonly network: number
  /** The public name under which the regions answer. */
  readonly domain: string
  /** One NAT gateway for a region, or one in each zone. */
  readonly nat: 'one' | 'per-zone'
  /** How long logs of the network, the control plane and the load balancers are kept. */
  readonly logRetention: Duration
  readonly kubernetes: {
    readonly version: string
    /** Versions that `aws eks describe-addon-versions --kubernetes-version …` lists for `version`. */
    readonly addons: Readonly<Record<AddonName, string>>
    /** The machines that the platform's own controllers run on; Karpenter cannot start what it runs on itself. */
    readonly system: { readonly instance: string; readonly count: number }
    readonly pools: { readonly general: NodePoolPolicy; readonly gpu: NodePoolPolicy; readonly data: NodePoolPolicy }
    /** By service. */
    readonly headroom: Readonly<Record<string, HeadroomPolicy>>
  }
  /** Amazon MSK. How often a record is kept stands in the environment. */
  readonly kafka: {
    readonly version: string
    readonly instance: string
    readonly brokers: number
    readonly storage: Bytes
    /** How long a record stays on the brokers' own disks before only tiered storage has it. */
    readonly localRetention: Duration
  }
  /** ElastiCache. How many copies there are stands in the environment. */
  readonly cache: { readonly engine: 'valkey'; readonly version: string; readonly node: string }
  readonly clickhouse: {
    /** Members of the coordination quorum, by the role of a region. */
    readonly keepers: { readonly primary: number; readonly secondary: number; readonly dr: number }
    /** Copies that acknowledge a write, over all regions joined by `sync` links. */
    readonly insertQuorum: number
  }
  readonly elasticsearch: { readonly nodes: number }
  /** What the account may use in one region (AWS Service Quotas). */
  readonly serviceQuotas: {
    /** Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances, vCPUs. */
    readonly standardVcpu: number
    /** Running On-Demand G and VT instances, vCPUs. */
    readonly gpuVcpu: number
    /** MSK brokers in one account. */
    readonly mskBrokers: number
  }
  /** The repository at GitHub whose workflows may change the environment: OWNER/NAME. */
  readonly repository: string
  /** For each team or cost centre that pays: a tag of every resource. */
  readonly costCentre: string
}
