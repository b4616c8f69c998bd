import { rateWindow } from './panel.ts'

/** How the four usual figures of one service are read; selectors lack the job, which is the service. */
export interface Sources {
  /** A counter of what it does, and the label that tells apart what is done. */
  readonly work: { readonly series: string; readonly by: string; readonly what: string }
  /** A histogram in seconds, without '_bucket'. */
  readonly latency: { readonly series: string; readonly what: string }
  /** A counter of failures by reason. */
  readonly errors?: { readonly series: string; readonly by: string }
  /** Gauges of what waits. */
  readonly queues: readonly { readonly series: string; readonly what: string }[]
  /** How busy it is, 0 to 1, per pod: PromQL with the job for %. Default: its event loop. */
  readonly utilization?: string
  readonly more?: readonly { readonly series: string; readonly by: string; readonly what: string }[]
}

const http = { series: 'nd_http_requests_total', by: 'route, status', what: 'requests' }

/** The services that give figures. What others show is in their own tools: Kafka's and the cache's are the cloud's. */
export const sources: Readonly<Record<string, Sources>> = {
  'event-collector': {
    work: http,
    latency: { series: 'nd_http_request_duration_seconds', what: 'of requests' },
    errors: { series: 'nd_errors_total', by: 'reason' },
    queues: [{ series: 'nd_queue_depth', what: 'events taken in and not acknowledged' }],
    more: [{ series: 'nd_events_accepted_total', by: 'job', what: 'Events acknowledged' }],
  },
  'hot-sink': {
    work: { series: 'nd_events_stored_total', by: 'job', what: 'events stored' },
    latency: { series: 'nd_event_age_seconds', what: 'of events when they are stored' },
    errors: { series: 'nd_errors_total', by: 'reason' },
    queues: [
      { series: 'nd_consumer_lag_records', what: 'records not stored' },
      { series: 'nd_queue_depth', what: 'events read and not stored' },
    ],
    more: [{ series: 'nd_blocks_total', by: 'result', what: 'Blocks' }],
  },
  'correlation-engine': {
    work: { series: 'nd_events_correlated_total', by: 'job', what: 'events that rules were asked about' },
    latency: { series: 'nd_alert_latency_seconds', what: 'from an event to its alert' },
    errors: { series: 'nd_errors_total', by: 'reason' },
    queues: [
      { series: 'nd_consumer_lag_records', what: 'records not looked at' },
      { series: 'nd_queue_depth', what: 'alerts not acknowledged' },
      { series: 'nd_webhook_queue_depth', what: 'alerts for webhooks' },
    ],
    more: [{ series: 'nd_alerts_total', by: 'level', what: 'Alerts' }],
  },
  'shard-manager': {
    work: http,
    latency: { series: 'nd_http_request_duration_seconds', what: 'of requests' },
    queues: [{ series: 'nd_shard_slots_waiting', what: 'slots that wait for their move' }],
  },
  analytics: {
    work: http,
    latency: { series: 'nd_http_request_duration_seconds', what: 'of requests' },
    errors: { series: 'nd_errors_total', by: 'reason' },
    queues: [{ series: 'nd_queue_depth', what: 'statements' }],
    more: [{ series: 'nd_cache_requests_total', by: 'level, result', what: 'Lookups in caches' }],
  },
  'ml-inference': {
    work: { series: 'nd_inference_requests_total', by: 'model, outcome', what: 'requests' },
    latency: { series: 'nd_inference_duration_seconds', what: 'of answered requests' },
    queues: [{ series: 'nd_inference_queue_rows', what: 'rows that wait' }],
    utilization: 'nd_gpu_utilization_percent{%} / 100',
  },
  operator: {
    work: { series: 'nd_operator_reconcile_duration_seconds_count', by: 'outcome', what: 'runs' },
    latency: { series: 'nd_operator_reconcile_duration_seconds', what: 'of runs' },
    errors: { series: 'nd_operator_reconcile_errors_total', by: 'reason' },
    queues: [{ series: 'nd_operator_queue_depth', what: 'resources' }],
  },
  // In the local region alone: a server of ClickHouse has figures of its own, under its own names.
  clickhouse: {
    work: { series: 'nd_clickhouse_statements_total', by: 'kind, status', what: 'statements' },
    latency: { series: 'nd_clickhouse_statement_duration_seconds', what: 'of statements' },
    queues: [{ series: 'nd_queue_depth', what: 'statements' }],
    utilization: `rate(process_cpu_seconds_total{%}[${rateWindow}])`,
  },
}
