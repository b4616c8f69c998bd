import type { ServicePolicy } from './model/service.ts'

/** The service graph: what exists, the ports it listens on, whom it calls, and the names of its metrics. */
export const services = {
  'event-collector': {
    namespace: 'siem',
    ports: { https: 8443, admin: 9443, 'syslog-tls': 6514, syslog: 5514, 'syslog-udp': 5514 },
    calls: [{ service: 'kafka', port: 'kafka' }],
    entry: 'https',
    nodePort: 30443,
    inlets: {
      'syslog-tls': { protocol: 'TCP', nodePort: 30514, clear: false },
      syslog: { protocol: 'TCP', nodePort: 30515, clear: true },
      'syslog-udp': { protocol: 'UDP', nodePort: 30515, clear: true },
    },
    metrics: {
      qps: { kind: 'rate', series: 'nd_http_requests_total' },
      queue_depth: { kind: 'sum', series: 'nd_queue_depth' },
      utilization: { kind: 'average', series: 'nd_utilization_ratio' },
    },
    levels: {
      availability: { series: 'nd_http_requests_total', of: { route: '/v1/.+' }, bad: { status: '[5][0-9]{2}' } },
      latency: { series: 'nd_http_request_duration_seconds', of: { route: '/v1/.+' } },
    },
    startup: '30s',
    grace: '30s',
  },
  'hot-sink': {
    namespace: 'siem',
    ports: { admin: 9443 },
    calls: [
      { service: 'kafka', port: 'kafka' },
      { service: 'clickhouse', port: 'clickhouse' },
    ],
    metrics: {
      lag: { kind: 'sum', series: 'nd_consumer_lag_records' },
      utilization: { kind: 'average', series: 'nd_utilization_ratio' },
    },
    levels: {
      availability: { series: 'nd_blocks_total', bad: { result: 'failed' } },
      latency: { series: 'nd_event_age_seconds' },
    },
    startup: '30s',
    grace: '30s',
  },
  // One pod for each shard of `sharding.ts`: its ordinal is the shard.
  'correlation-engine': {
    namespace: 'siem',
    ports: { admin: 9443 },
    calls: [{ service: 'kafka', port: 'kafka' }],
    internet: true,
    metrics: {},
    levels: { latency: { series: 'nd_alert_latency_seconds' } },
    startup: '60s',
    grace: '30s',
  },
  // The one writer of the map of slots to shards.
  'shard-manager': {
    namespace: 'siem',
    ports: { https: 8443, admin: 9443 },
    calls: [{ service: 'kafka', port: 'kafka' }],
    entry: 'https',
    nodePort: 30445,
    metrics: {},
    levels: {
      availability: { series: 'nd_http_requests_total', of: { route: '/v1/.+' }, bad: { status: '[5][0-9]{2}' } },
    },
    startup: '60s',
    grace: '30s',
  },
  analytics: {
    namespace: 'siem',
    ports: { https: 8443, admin: 9443 },
    calls: [
      { service: 'kafka', port: 'kafka' },
      { service: 'clickhouse', port: 'clickhouse' },
      { service: 'redis', port: 'redis' },
    ],
    entry: 'https',
    nodePort: 30444,
    metrics: {
      qps: { kind: 'rate', series: 'nd_http_requests_total' },
      utilization: { kind: 'average', series: 'nd_utilization_ratio' },
    },
    levels: {
      availability: { series: 'nd_http_requests_total', of: { route: '/v1/.+' }, bad: { status: '[5][0-9]{2}' } },
      latency: { series: 'nd_http_request_duration_seconds', of: { route: '/v1/.+' } },
    },
    startup: '30s',
    grace: '30s',
  },
  kafka: {
    namespace: 'data',
    ports: { kafka: 9093, controller: 9094 },
    calls: [{ service: 'kafka', port: 'controller' }],
    metrics: {},
    startup: '90s',
    grace: '30s',
  },
  clickhouse: {
    namespace: 'data',
    ports: { clickhouse: 8443, admin: 9443 },
    calls: [{ service: 'keeper', port: 'keeper' }],
    metrics: {},
    startup: '60s',
    grace: '30s',
  },
  // Who is written what, and which copy is behind: the hot tier's replicas agree through it.
  keeper: {
    namespace: 'data',
    ports: { keeper: 9281, raft: 9234 },
    calls: [{ service: 'keeper', port: 'raft' }],
    metrics: {},
    startup: '2m',
    grace: '30s',
    only: 'cloud',
  },
  elasticsearch: {
    namespace: 'data',
    ports: { elasticsearch: 9200, transport: 9300 },
    calls: [{ service: 'elasticsearch', port: 'transport' }],
    metrics: {},
    startup: '5m',
    grace: '2m',
    only: 'cloud',
  },
  redis: {
    namespace: 'data',
    ports: { redis: 6380 },
    calls: [],
    metrics: {},
    startup: '20s',
    grace: '10s',
  },
  topics: {
    namespace: 'data',
    ports: {},
    calls: [{ service: 'kafka', port: 'kafka' }],
    metrics: {},
    startup: '2m',
    grace: '10s',
  },
  prometheus: {
    namespace: 'monitoring',
    ports: { https: 9090 },
    calls: [
      { service: 'event-collector', port: 'admin' },
      { service: 'hot-sink', port: 'admin' },
      { service: 'correlation-engine', port: 'admin' },
      { service: 'shard-manager', port: 'admin' },
      { service: 'analytics', port: 'admin' },
      { service: 'ml-inference', port: 'admin' },
      { service: 'operator', port: 'admin' },
      { service: 'forecaster', port: 'admin' },
      { service: 'clickhouse', port: 'admin' },
      { service: 'alertmanager', port: 'https' },
    ],
    entry: 'https',
    nodePort: 30090,
    metrics: {},
    startup: '30s',
    grace: '30s',
  },
  // Foretells what the rows of the scaling matrix with a prediction will see, from what Prometheus keeps.
  forecaster: {
    namespace: 'monitoring',
    ports: { admin: 9443 },
    calls: [{ service: 'prometheus', port: 'https' }],
    metrics: {},
    startup: '60s',
    grace: '30s',
  },
  // Tells people of alerts, by services that are on the internet.
  alertmanager: {
    namespace: 'monitoring',
    ports: { https: 9095 },
    calls: [],
    internet: true,
    metrics: {},
    startup: '30s',
    grace: '10s',
    only: 'cloud',
  },
  // Makes of every MLInference what it says.
  operator: {
    namespace: 'ngfw',
    ports: { admin: 9443 },
    calls: [{ service: 'prometheus', port: 'https' }],
    api: true,
    metrics: {},
    levels: { availability: { series: 'nd_operator_reconcile_duration_seconds_count', bad: { outcome: 'failed' } } },
    startup: '60s',
    grace: '30s',
  },
  // Its pods are its operator's, and so is the way to them: the Open Inference Protocol over HTTP at `https`, over gRPC at `grpc`.
  'ml-inference': {
    namespace: 'ngfw',
    ports: { https: 8443, grpc: 8444, admin: 9443 },
    calls: [],
    metrics: {
      qps: { kind: 'rate', series: 'nd_inference_requests_total', by: 'model' },
      queue_depth: { kind: 'sum', series: 'nv_inference_pending_request_count', by: 'model' },
      gpu_utilization: { kind: 'average', series: 'nd_gpu_utilization_percent', by: 'inference' },
    },
    levels: {
      availability: {
        series: 'nd_inference_requests_total',
        bad: { outcome: 'internal|not_ready|overloaded|queue_full' },
      },
      latency: { series: 'nd_inference_duration_seconds' },
    },
    startup: '30s',
    grace: '60s',
  },
} as const satisfies Record<string, ServicePolicy>

export type ServiceName = keyof typeof services

/** Services that a developer's machine runs too. */
export type LocalServiceName = {
  [S in ServiceName]: (typeof services)[S] extends { readonly only: 'cloud' } ? never : S
}[ServiceName]
