import type { EnvironmentPolicy } from './model/environment.ts'
import type { LocalServiceName, ServiceName } from './services.ts'

/** Services whose pods run in a cloud: Kafka and the cache are the cloud's own there. */
type CloudServiceName = Exclude<ServiceName, 'kafka' | 'redis'>

const cloudSizes = {
  'event-collector': { cpu: '1', memory: '1Gi' },
  'hot-sink': { cpu: '1', memory: '2Gi' },
  'correlation-engine': { cpu: '1', memory: '4Gi' },
  'shard-manager': { cpu: '100m', memory: '512Mi' },
  analytics: { cpu: '1', memory: '1Gi' },
  clickhouse: { cpu: '8', memory: '32Gi', storage: '2Ti' },
  keeper: { cpu: '1', memory: '4Gi', storage: '50Gi' },
  elasticsearch: { cpu: '4', memory: '16Gi', storage: '1Ti' },
  topics: { cpu: '100m', memory: '256Mi' },
  prometheus: { cpu: '1', memory: '4Gi', storage: '100Gi' },
  alertmanager: { cpu: '50m', memory: '128Mi', storage: '1Gi' },
  'ml-inference': { cpu: '2', memory: '4Gi', gpu: 1 },
  operator: { cpu: '200m', memory: '512Mi' },
  forecaster: { cpu: '100m', memory: '512Mi' },
} as const satisfies EnvironmentPolicy<CloudServiceName>['sizes']

// One machine does everything, and what a pod asks for is its weight there: what stands between an event and its alert goes before what stores.
const localSizes = {
  'event-collector': { cpu: '300m', memory: '768Mi' },
  // With all its room full it was seen at 800 MB.
  'hot-sink': { cpu: '5m', memory: '1200Mi' },
  'correlation-engine': { cpu: '250m', memory: '1Gi' },
  'shard-manager': { cpu: '20m', memory: '256Mi' },
  analytics: { cpu: '50m', memory: '384Mi' },
  kafka: { cpu: '300m', memory: '1536Mi', storage: '10Gi' },
  clickhouse: { cpu: '5m', memory: '3Gi', storage: '10Gi' },
  redis: { cpu: '20m', memory: '128Mi' },
  topics: { cpu: '20m', memory: '256Mi' },
  prometheus: { cpu: '50m', memory: '384Mi', storage: '2Gi' },
  // Ten of them, and a canary's beside, must fit beside all the others on two cores.
  'ml-inference': { cpu: '20m', memory: '512Mi' },
  operator: { cpu: '20m', memory: '256Mi' },
  forecaster: { cpu: '20m', memory: '256Mi' },
} as const satisfies EnvironmentPolicy<LocalServiceName>['sizes']

/** Where the platform runs, how large, and which rules bind there. */
export const environments = {
  local: {
    regions: ['local'],
    sizes: localSizes,
    kafka: { replicas: 1, minInSync: 1, partitions: 8 },
    clickhouse: { replicas: 1 },
    redis: { replicas: 1 },
    dns: { cpu: '20m', memory: '96Mi' },
    mesh: {
      control: { cpu: '50m', memory: '256Mi' },
      gateway: { cpu: '100m', memory: '128Mi' },
      gateways: 2,
      nodePort: 30446,
    },
    keda: { operator: { cpu: '30m', memory: '256Mi' }, adapter: { cpu: '20m', memory: '192Mi' } },
    // What stores may be late; what it writes stands in Kafka meanwhile.
    yields: ['hot-sink', 'clickhouse'],
    quota: { cpu: '10', memory: '44Gi' },
    tenantQuota: { events: '200000/s', burst: 1_000_000 },
    clearInlets: true,
    autoscaler: 'keda',
    binding: [],
    guardrails: { stops: 'medium', judges: 'manifest' },
  },
  staging: {
    regions: ['us-east-1', 'us-east-2', 'us-west-2'],
    sizes: cloudSizes,
    kafka: { replicas: 3, minInSync: 2, partitions: 64 },
    clickhouse: { replicas: 2 },
    redis: { replicas: 2 },
    quota: { cpu: '120', memory: '400Gi' },
    tenantQuota: { events: '10000/s', burst: 50_000 },
    clearInlets: false,
    autoscaler: 'keda',
    binding: ['high-availability', 'autoscaling-within-quota'],
    guardrails: { stops: 'medium', judges: 'program' },
  },
  prod: {
    regions: ['us-east-1', 'us-east-2', 'us-west-2'],
    sizes: cloudSizes,
    kafka: { replicas: 3, minInSync: 2, partitions: 256 },
    clickhouse: { replicas: 3 },
    redis: { replicas: 3 },
    quota: { cpu: '240', memory: '800Gi' },
    tenantQuota: { events: '20000/s', burst: 100_000 },
    clearInlets: false,
    autoscaler: 'keda',
    binding: ['high-availability', 'autoscaling-within-quota'],
    guardrails: { stops: 'medium', judges: 'program' },
  },
} as const satisfies Record<string, EnvironmentPolicy<LocalServiceName & CloudServiceName>>

export type EnvironmentName = keyof typeof environments
