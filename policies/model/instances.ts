import type { Bytes } from './units.ts'

/** What a machine of AWS has. */
export interface Instance {
  readonly vcpu: number
  readonly memory: Bytes
  readonly gpu?: number
  readonly architecture: 'amd64' | 'arm64'
  /** The service quota that its vCPUs count against. */
  readonly quota: 'standard' | 'gpu'
}

/** Facts of the vendor: the instance types that policies may name. Source: AWS, EC2 instance types. */
export const instances: Readonly<Record<string, Instance>> = {
  'm7g.large': { vcpu: 2, memory: '8Gi', architecture: 'arm64', quota: 'standard' },
  'm7g.xlarge': { vcpu: 4, memory: '16Gi', architecture: 'arm64', quota: 'standard' },
  'm7i.large': { vcpu: 2, memory: '8Gi', architecture: 'amd64', quota: 'standard' },
  'm7i.xlarge': { vcpu: 4, memory: '16Gi', architecture: 'amd64', quota: 'standard' },
  'm7i.2xlarge': { vcpu: 8, memory: '32Gi', architecture: 'amd64', quota: 'standard' },
  'm7i.4xlarge': { vcpu: 16, memory: '64Gi', architecture: 'amd64', quota: 'standard' },
  'r7i.2xlarge': { vcpu: 8, memory: '64Gi', architecture: 'amd64', quota: 'standard' },
  'r7i.4xlarge': { vcpu: 16, memory: '128Gi', architecture: 'amd64', quota: 'standard' },
  'g6.xlarge': { vcpu: 4, memory: '16Gi', gpu: 1, architecture: 'amd64', quota: 'gpu' },
  'g6.2xlarge': { vcpu: 8, memory: '32Gi', gpu: 1, architecture: 'amd64', quota: 'gpu' },
}
