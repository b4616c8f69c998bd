import type { BadFixture } from './bad.ts'

/** Contradictions in the service graph and in how it scales. */
export const badServices: readonly BadFixture[] = [
  {
    rule: 'units',
    change: { 'services.kafka.startup': '90 seconds', 'environments.local.dns.memory': '0Mi', 'sharding.slots': 0 },
    says: [
      'environments.local.dns.memory (0Mi) must be greater than zero.',
      "services.kafka.startup (90 seconds) cannot be read: '90 seconds' is not a duration: write a number and one of ms, s, m, h, d.",
      'sharding.slots (0) must be a number greater than zero.',
    ],
  },
  {
    rule: 'service-graph',
    change: {
      'services.topics.calls': [
        { service: 'kafka', port: 'kafka' },
        { service: 'kafka', port: 'kafka' },
        { service: 'kafka', port: 'redis' },
        { service: 'zookeeper', port: 'kafka' },
      ],
    },
    says: [
      'services.topics.calls.1 (kafka:kafka) must be listed once.',
      'services.topics.calls.2.port (redis) must be a port of kafka: kafka, controller.',
      'services.topics.calls.3.service (zookeeper) must be a service: event-collector, hot-sink, correlation-engine, shard-manager, analytics, kafka, clickhouse, keeper, elasticsearch, redis, topics, prometheus, forecaster, alertmanager, operator, ml-inference.',
    ],
  },
  {
    rule: 'service-graph',
    change: {
      'services.analytics.entry': 'kafka',
      'services.prometheus.nodePort': undefined,
      'services.redis.inlets': { 'syslog-tls': { protocol: 'TCP', nodePort: 30_600, clear: false } },
    },
    says: [
      'services.analytics.entry (kafka) must be one of its ports: https, admin.',
      'services.redis.inlets.syslog-tls (syslog-tls) must be one of its ports and not its entry: redis.',
      "services.prometheus.nodePort (undefined) must be set exactly where there is an 'entry'.",
    ],
  },
  {
    rule: 'ports',
    change: {
      'services.redis.ports.redis': 443,
      'services.analytics.ports.admin': 8443,
      'services.analytics.nodePort': 30_443,
      'services.prometheus.nodePort': 9_090,
      'services.event-collector.inlets.syslog.nodePort': 30_514,
      'services.event-collector.ports.syslog': 6_514,
    },
    says: [
      "services.event-collector.ports.syslog (6514) must differ from the port 'syslog-tls'.",
      "services.event-collector.inlets.syslog.nodePort (30514) must differ from the node port of 'event-collector'.",
      "services.analytics.ports.admin (8443) must differ from the port 'https'.",
      "services.analytics.nodePort (30443) must differ from the node port of 'event-collector'.",
      'services.redis.ports.redis (443) must be a whole number from 1024 to 65535: pods run without the right to lower ones.',
      'services.prometheus.nodePort (9090) must be a whole number from 30000 to 32767.',
    ],
  },
  {
    rule: 'metrics',
    change: {
      'services.analytics.metrics.qps.series': 'nd_http_requests',
      'services.hot-sink.metrics.lag.series': 'lag records',
      'services.prometheus.calls': [
        { service: 'event-collector', port: 'admin' },
        { service: 'analytics', port: 'admin' },
      ],
    },
    says: [
      "services.hot-sink.metrics.lag.series (lag records) must begin with 'nd_' and hold only lower case letters, digits and '_'.",
      'services.hot-sink.metrics (["lag","utilization"]) must be scraped: add { service, port: \'admin\' } to services.prometheus.calls.',
      "services.analytics.metrics.qps.series (nd_http_requests) must end with '_total': a rate is taken of a counter.",
      'services.ml-inference.metrics (["qps","queue_depth","gpu_utilization"]) must be scraped: add { service, port: \'admin\' } to services.prometheus.calls.',
    ],
  },
  {
    rule: 'metrics',
    change: { 'services.hot-sink.metrics.lag.series': 'nd_lag_total' },
    says: [
      "services.hot-sink.metrics.lag.series (nd_lag_total) must not end with '_total': that is a counter, and only a rate of it can be compared.",
    ],
  },
  {
    rule: 'metrics',
    change: { 'services.hot-sink.metrics.lag.job': 'kafka' },
    says: ['services.hot-sink.metrics.lag.job (kafka) must be a service that Prometheus asks.'],
  },
  {
    rule: 'scaling-row',
    change: {
      'scaling.hot_sink.metrics.0.name': 'qps',
      'scaling.hot_sink.metrics.1.window': '9s',
      'scaling.ml_inference.actions.min_replicas': 1.5,
      'scaling.event_collector.actions': {
        min_replicas: 3,
        max_replicas: 2,
        scale_up_factor: 1,
        scale_down_factor: 1.1,
        fallback_replicas: 3,
      },
      'scaling.analytics.metrics': [],
      'scaling.analytics.prediction': { mode: 'preview', quantile: 0.5 },
    },
    says: [
      'scaling.ml_inference.actions.min_replicas (1.5) must be a whole number from 1.',
      'scaling.event_collector.actions.max_replicas (2) must be a whole number from min_replicas (3).',
      'scaling.event_collector.actions.scale_up_factor (1) must be greater than 1, or the service never grows.',
      'scaling.event_collector.actions.scale_down_factor (1.1) must lie between 0 and 1, or the service never shrinks.',
      'scaling.hot_sink.metrics.0.name (qps) must be a metric of hot-sink: lag, utilization.',
      'scaling.hot_sink.metrics.1.window (9s) must be at least 10s, two scrapes: a rate needs two samples.',
      'scaling.analytics.metrics ([]) must list at least one metric.',
      'scaling.analytics.prediction.quantile (0.5) must lie between 0.5 and 1: below the middle of what is expected, more often too little than enough.',
    ],
  },
  {
    rule: 'scaling-row',
    change: {
      'scaling.hot_sink.actions.fallback_replicas': 9,
      'scaling.hot_sink.actions.scale_up_factor': 1.505,
      'scaling.hot_sink.actions.scale_to_zero': { idle: '5m', cold_start: '1m' },
    },
    says: [
      'scaling.hot_sink.actions.scale_up_factor (1.505) must be a whole number of per cent: finer steps cannot be said to Kubernetes.',
      'scaling.hot_sink.actions.fallback_replicas (9) must be a whole number from min_replicas (1) to max_replicas (8).',
      'scaling.hot_sink.actions.scale_to_zero ({"idle":"5m","cold_start":"1m"}) must not be given while its own pods measure lag, utilization: without a pod nobody would see that one is needed.',
    ],
  },
  {
    rule: 'scaling-row',
    change: {
      'scaling.threat_hunter': {
        metrics: [],
        actions: {
          min_replicas: 1,
          max_replicas: 2,
          scale_up_factor: 1.5,
          scale_down_factor: 0.7,
          fallback_replicas: 1,
        },
      },
    },
    says: [
      'scaling.threat_hunter (threat_hunter) must be the name of a service with underscores: event_collector, hot_sink, correlation_engine, shard_manager, analytics, kafka, clickhouse, keeper, elasticsearch, redis, topics, prometheus, forecaster, alertmanager, operator, ml_inference.',
    ],
  },
  {
    rule: 'scaling-signal',
    change: {
      'scaling.ml_inference.metrics': [
        { name: 'qps', threshold: 1000, window: '60s' },
        { name: 'gpu_utilization', threshold: 100, window: '300s' },
      ],
      'scaling.analytics.metrics': [{ name: 'utilization', threshold: 0.7, window: '60s' }],
      'scaling.hot_sink.prediction': { mode: 'on', quantile: 0.9 },
    },
    says: [
      'scaling.ml_inference.metrics.1.name (gpu_utilization) must stand beside queue_depth or lag: one request that is always there keeps a GPU busy.',
      'scaling.ml_inference.metrics.1.threshold (100) must be less than 100, the most that gpu_utilization can be.',
      "scaling.hot_sink.prediction.mode (on) must be 'off': only a rate is forecast, and there is none.",
      `scaling.analytics.metrics (["utilization"]) must hold one that counts work ('rate' or 'sum'): a level says that pods are too few, not how many.`,
    ],
  },
  {
    rule: 'scaling-time',
    change: {
      'services.analytics.startup': '60s',
      'services.ml-inference.grace': '6m',
      'scaling.hot_sink.metrics.1.window': '10m',
    },
    says: [
      'services.ml-inference.grace (6m) must be less than objectives.scaling.downWithin (5m).',
      'scaling.hot_sink (60s, 10m) must be back within objectives.scaling.downWithin (5m), and may take 451s: window 401s, scrape 5s, sync 15s, stabilisation 30s.',
      'scaling.analytics (qps) must bring the last pod within objectives.scaling.upWithin (2m), and may take 140s: window 60s, scrape 5s, sync 15s, startup 60s.',
    ],
  },
  {
    rule: 'scaling-time',
    change: {
      'services.hot-sink.metrics.lag.job': 'event-collector',
      'scaling.hot_sink.actions.scale_to_zero': { idle: '5m', cold_start: '40s' },
      'scaling.event_collector.actions.scale_up_factor': 1.5,
    },
    says: [
      'scaling.event_collector (qps) must bring the last pod within objectives.scaling.upWithin (2m), and may take 130s: window 60s, scrape 5s, sync 15s, steps 20s, startup 30s.',
      'scaling.hot_sink.actions.scale_to_zero.cold_start (40s) must be at least what it may take, 50s: scrape 5s, polling 15s, startup 30s.',
    ],
  },
  {
    rule: 'levels',
    change: {
      'objectives.levels.least': 0.5,
      'objectives.levels.burns': [{ urgency: 'page', rate: 800, long: '1h', short: '2h' }],
      'objectives.levels.of.redis': { latency: 'query' },
      'objectives.levels.of.hot-sink.latency': 'storage',
      'objectives.levels.of.analytics': { availability: 1 },
    },
    says: [
      'objectives.levels.least (0.5) must be a whole number from 1.',
      'objectives.levels.burns.0.short (2h) must be shorter than the long window (1h).',
      'objectives.levels.burns.0.rate (800) must be below 720: over 1h it spends the budget of 30d before anybody is told.',
      'objectives.levels.of.redis.latency (query) must be measured: say how in services.redis.levels.latency.',
      'objectives.levels.of.hot-sink.latency (storage) must name a part of the objectives that promises a latencyP99: ingest, storing, query, inference.',
      'objectives.levels.of.analytics.availability (1) must be below 1: nothing fails never, and there would be no budget.',
      'objectives.levels.of.event-collector.latency (0.99) must be above 0.9988, or errors can never burn its budget 800 times as fast.',
      'objectives.levels.of.hot-sink.availability (0.99) must be above 0.9988, or errors can never burn its budget 800 times as fast.',
      'objectives.levels.of.correlation-engine.latency (0.99) must be above 0.9988, or errors can never burn its budget 800 times as fast.',
      'objectives.levels.of.shard-manager.availability (0.99) must be above 0.9988, or errors can never burn its budget 800 times as fast.',
      'objectives.levels.of.ml-inference.latency (0.99) must be above 0.9988, or errors can never burn its budget 800 times as fast.',
      'objectives.levels.of.operator.availability (0.95) must be above 0.9988, or errors can never burn its budget 800 times as fast.',
      'services.analytics.levels.latency (latency) must be promised in objectives.levels.of.analytics, or not be measured.',
    ],
  },
  {
    rule: 'levels',
    change: {
      'objectives.levels.burns': [{ urgency: 'page', rate: 2, long: '1h', short: '40s' }],
      'services.redis.levels': { latency: { series: 'nd_seconds' } },
    },
    says: [
      'objectives.levels.burns (["40s"]) must have no short window below 50s: a fifth of it must hold two scrapes.',
      'services.redis.levels.latency (latency) must be promised in objectives.levels.of.redis, or not be measured.',
      'services.redis.levels (["latency"]) must be scraped: add { service, port: \'admin\' } to services.prometheus.calls.',
    ],
  },
  {
    rule: 'consumers-within-partitions',
    change: { 'scaling.hot_sink.actions.max_replicas': 24 },
    says: [
      "scaling.hot_sink.actions.max_replicas (24) exceeds the 8 partitions of 'events.raw' in local: 16 replicas would idle.",
    ],
  },
  {
    rule: 'consumers-within-partitions',
    change: { 'scaling.hot_sink.actions.max_replicas': 9 },
    says: [
      "scaling.hot_sink.actions.max_replicas (9) exceeds the 8 partitions of 'events.raw' in local: 1 replica would idle.",
    ],
  },
  {
    rule: 'sizes',
    change: {
      'environments.local.sizes.redis': undefined,
      'environments.staging.sizes.zookeeper': { cpu: '1', memory: '1Gi' },
      'environments.prod.sizes.clickhouse.storage': undefined,
      'environments.prod.sizes.redis': { cpu: '1', memory: '4Gi' },
    },
    says: [
      'environments.local.sizes.redis (undefined) must be given.',
      'environments.staging.sizes.zookeeper ({"cpu":"1","memory":"1Gi"}) must be left out: there is no such service.',
      'environments.prod.sizes.redis ({"cpu":"1","memory":"4Gi"}) must be left out: AWS runs it, and cloud.prod says how large it is.',
      'environments.prod.sizes.clickhouse.storage (undefined) must be given: the service keeps data.',
    ],
  },
  {
    rule: 'pods-within-quota',
    change: { 'environments.local.quota': { cpu: '1', memory: '8Gi' } },
    says: [
      'environments.local.quota.cpu (1) must be at least 1620m: all services at their fewest replicas.',
      'environments.local.quota.memory (8Gi) must be at least 12176Mi: all services at their fewest replicas.',
    ],
  },
  {
    rule: 'autoscaling-within-quota',
    change: { 'environments.prod.quota': { cpu: '60', memory: '100Gi' } },
    says: [
      'environments.prod.quota.cpu (60) must be at least 106250m: all services at their most replicas, and one more of each that keeps nothing while a rollout replaces them.',
      'environments.prod.quota.memory (100Gi) must be at least 290944Mi: all services at their most replicas, and one more of each that keeps nothing while a rollout replaces them.',
    ],
  },
  {
    rule: 'load',
    change: { 'objectives.load.inferences': '10001/s', 'objectives.load.events': '100/s' },
    says: [
      'scaling.ml_inference.actions.max_replicas (10) must be at least 11: objectives.load.inferences is 10001/s, at 1000/s a pod.',
      'objectives.load.events (100/s) must be at least objectives.load.requests (260/s): a request carries an event or more.',
    ],
  },
]
