import { services } from '../../services.ts'
import type { BadFixture } from './bad.ts'

/** Callers that give up too early, wait for nothing or call what is sick. */
export const badTraffic: readonly BadFixture[] = [
  {
    rule: 'traffic',
    change: {
      'traffic.calls.ml-inference.retries.attempts': 5,
      'traffic.calls.event-collector.retries': { attempts: 1.5, perTry: '8s' },
      'traffic.calls.analytics.timeout': '10s',
      'traffic.calls.analytics.connections': { most: 100.5, pending: 200 },
    },
    says: [
      'traffic.calls.event-collector.retries.attempts (1.5) must be a whole number from 2: without retries a call is tried once.',
      'traffic.calls.event-collector.retries.perTry (8s) must be longer than objectives.ingest.ackTimeout (10s), after which the service answers by itself.',
      'traffic.calls.analytics.timeout (10s) must be longer than objectives.query.timeout (10s), after which the service answers by itself.',
      'traffic.calls.analytics.connections.most (100.5) must be a whole number from 1.',
      'traffic.calls.analytics.connections.pending (200) must be a whole number up to 100.5: more than can be served at once would wait for nothing.',
      'traffic.calls.ml-inference.timeout (2s) must be at least 5 times 500ms, or the last try is cut off.',
    ],
  },
  {
    rule: 'traffic',
    change: {
      'traffic.calls.analytics.outlier': { errors: 0.5, interval: '10s', ejection: '5s', mostEjected: 1 },
      'traffic.calls.clickhouse.outlier.mostEjected': 0.2,
      'traffic.calls.zookeeper': {
        protocol: 'tls',
        connections: { most: 1, pending: 1 },
        outlier: { errors: 5, interval: '10s', ejection: '30s', mostEjected: 0.5 },
      },
    },
    says: [
      'traffic.calls.analytics.outlier.errors (0.5) must be a whole number from 1.',
      'traffic.calls.analytics.outlier.ejection (5s) must be at least the time between two looks (10s), or a pod is back before anyone has looked again.',
      'traffic.calls.analytics.outlier.mostEjected (1) must be below 1: some pod must be left to call.',
      'traffic.calls.clickhouse.outlier.mostEjected (0.2) must be at least 1/3, the share of one of the 3 regions of staging: else its sick pods are called while another region is well.',
      'traffic.calls.clickhouse.outlier.mostEjected (0.2) must be at least 1/3, the share of one of the 3 regions of prod: else its sick pods are called while another region is well.',
      `traffic.calls.zookeeper (zookeeper) must be a service: ${Object.keys(services).join(', ')}.`,
    ],
  },
  {
    rule: 'traffic',
    change: {
      'traffic.calls.analytics.protocol': 'tls',
      'traffic.calls.clickhouse': {
        protocol: 'http',
        timeout: '1s',
        connections: { most: 1, pending: 1 },
        outlier: { errors: 5, interval: '10s', ejection: '30s', mostEjected: 0.5 },
      },
    },
    says: [
      "traffic.calls.analytics.protocol (tls) must be 'http': services.analytics has an entry, whose requests the gateway must see.",
      "traffic.calls.clickhouse.protocol (http) must be 'tls': services.clickhouse has no entry, so proxies see none of its requests and could keep no timeout.",
    ],
  },
  {
    rule: 'traffic',
    change: {
      'traffic.canary.service': 'hot-sink',
      'traffic.canary.canaryWeight': 20,
    },
    says: [
      "traffic.calls.ml-inference.protocol (http) must be 'tls': services.ml-inference has no entry, so proxies see none of its requests and could keep no timeout.",
      'traffic.canary.service (hot-sink) must be in traffic.calls: event-collector, analytics, clickhouse, ml-inference.',
      'traffic.canary.stableWeight (90) must be a whole number that makes 100 with canaryWeight (20).',
    ],
  },
  {
    rule: 'traffic',
    change: {
      'traffic.canary.further': [50, 50, 90],
      'traffic.canary.interval': '5s',
      'traffic.canary.deadline': '20s',
      'traffic.canary.drain': '2s',
      'traffic.canary.minPods': 1,
      'traffic.canary.judged': {
        minRequests: 0.5,
        maxErrorIncrease: 1,
        maxLatencyIncrease: 0.25,
        slowShare: 5,
        confidence: 1,
      },
    },
    says: [
      'traffic.canary.further (50, 50, 90) must be whole numbers that grow from canaryWeight (10) to 100.',
      'traffic.canary.interval (5s) must be at least 10s, two scrapes: before that nothing is known of a share.',
      'traffic.canary.deadline (20s) must be longer than 4 times 5s, or no candidate ever takes over.',
      'traffic.canary.drain (2s) must be longer than traffic.calls.ml-inference.timeout (2s): until then a caller may wait for an answer.',
      'traffic.canary.minPods (1) must be a whole number from 2: of one pod that goes, nobody is left to answer.',
      'traffic.canary.judged.minRequests (0.5) must be a whole number from 1.',
      'traffic.canary.judged.maxErrorIncrease (1) must be a share below 1.',
      'traffic.canary.judged.slowShare (5) must be a share below 1.',
      'traffic.canary.judged.confidence (1) must be above 0.5 and below 1: a coin knows as much as the first, and nothing is as sure as the second.',
    ],
  },
  {
    rule: 'tracing',
    change: {
      'tracing.oneIn': 1.5,
      'tracing.ceiling.burst': 0.5,
      'tracing.spans.alerts': 2.5,
      'tracing.spans.waiting': 200,
      'tracing.spans.giveUp': '1s',
    },
    says: [
      'tracing.oneIn (1.5) must be a whole number from 1.',
      'tracing.ceiling.burst (0.5) must be a whole number from 1.',
      'tracing.spans.alerts (2.5) must be a whole number from 1.',
      'tracing.spans.waiting (200) must be a whole number of two batches (128) or more: one is under way while another gathers.',
      'tracing.spans.giveUp (1s) must be at least the time of one export (5s).',
    ],
  },
  {
    rule: 'tracing',
    change: { 'tracing.spans.batch': 0.5 },
    says: ['tracing.spans.batch (0.5) must be a whole number from 1.'],
  },
]
