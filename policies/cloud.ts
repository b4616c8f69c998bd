import type { EnvironmentName } from './environments.ts'
import type { CloudPolicy } from './model/cloud.ts'

const pools = {
  general: {
    instances: ['m7i.xlarge', 'm7i.2xlarge', 'm7i.4xlarge'],
    architecture: 'amd64',
    limits: { cpu: '160', memory: '640Gi' },
    nodeStartup: '90s',
    capacity: 'on-demand',
  },
  data: {
    instances: ['r7i.2xlarge', 'r7i.4xlarge'],
    architecture: 'amd64',
    limits: { cpu: '96', memory: '768Gi' },
    capacity: 'on-demand',
  },
  gpu: {
    instances: ['g6.xlarge', 'g6.2xlarge'],
    architecture: 'amd64',
    limits: { cpu: '56', memory: '224Gi', gpu: 14 },
    nodeStartup: '4m',
    capacity: 'on-demand',
  },
} as const satisfies CloudPolicy['kubernetes']['pools']

const headroom = {
  'ml-inference': { pods: 3 },
  'event-collector': { pods: 6 },
  'hot-sink': { pods: 3 },
  analytics: { pods: 3 },
} as const satisfies CloudPolicy['kubernetes']['headroom']

const addons = {
  'vpc-cni': 'v1.21.1-eksbuild.1',
  'kube-proxy': 'v1.34.1-eksbuild.2',
  coredns: 'v1.12.4-eksbuild.1',
  'eks-pod-identity-agent': 'v1.3.10-eksbuild.2',
  'aws-ebs-csi-driver': 'v1.54.0-eksbuild.1',
  'metrics-server': 'v0.8.0-eksbuild.5',
} as const satisfies CloudPolicy['kubernetes']['addons']

/** Whose workflows may take a role of CI: OWNER/NAME. */
const repository = 'neurodefender/neurodefender'

/** What the environments of the cloud are made of: sizes of machines, versions, and what the account may use. */
export const cloud = {
  staging: {
    network: 1,
    domain: 'staging.neurodefender.example',
    nat: 'one',
    logRetention: '30d',
    kubernetes: { version: '1.34', addons, system: { instance: 'm7i.large', count: 3 }, pools, headroom },
    kafka: {
      version: '4.0.x.kraft',
      instance: 'kafka.m7g.large',
      brokers: 3,
      storage: '500Gi',
      localRetention: '1d',
    },
    cache: { engine: 'valkey', version: '8.1', node: 'cache.r7g.large' },
    clickhouse: { keepers: { primary: 2, secondary: 2, dr: 1 }, insertQuorum: 3 },
    elasticsearch: { nodes: 3 },
    serviceQuotas: { standardVcpu: 320, gpuVcpu: 64, mskBrokers: 30 },
    repository,
    costCentre: 'platform-staging',
  },
  prod: {
    network: 2,
    domain: 'neurodefender.example',
    nat: 'per-zone',
    logRetention: '365d',
    kubernetes: { version: '1.34', addons, system: { instance: 'm7i.large', count: 3 }, pools, headroom },
    kafka: {
      version: '4.0.x.kraft',
      instance: 'kafka.m7g.xlarge',
      brokers: 6,
      storage: '1Ti',
      localRetention: '1d',
    },
    cache: { engine: 'valkey', version: '8.1', node: 'cache.r7g.large' },
    clickhouse: { keepers: { primary: 2, secondary: 2, dr: 1 }, insertQuorum: 4 },
    elasticsearch: { nodes: 3 },
    serviceQuotas: { standardVcpu: 640, gpuVcpu: 64, mskBrokers: 30 },
    repository,
    costCentre: 'platform',
  },
} as const satisfies Partial<Record<EnvironmentName, CloudPolicy>>

/** Environments that run in AWS. */
export type CloudEnvironment = keyof typeof cloud
