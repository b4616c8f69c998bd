import type { ObjectivesPolicy } from './model/objectives.ts'

/** What the platform promises, and the limits that make the promise keepable. */
export const objectives = {
  ingest: {
    latencyP99: '100ms',
    maxBody: '16Mi',
    maxEvent: '256Ki',
    maxEventsPerRequest: 10_000,
    ackTimeout: '10s',
    maxInFlight: '64Mi',
    clock: { ahead: '1h', behind: '30d' },
    messages: {
      maxMessage: '64Ki',
      maxHeldPerTenant: '16Mi',
      linger: '5ms',
      idle: '10m',
      frame: '30s',
      connections: 1_000,
      connectionsPerTenant: 200,
    },
  },
  correlation: {
    lateness: '60s',
    step: '1s',
    idle: '1h',
    groups: 10_000,
    eventsPerGroup: 10_000,
    eventsPerTenant: 50_000,
    evidence: 100,
  },
  storing: { latencyP99: '10s' },
  query: {
    timeout: '10s',
    latencyP99: '1s',
    maxRows: 10_000,
    maxPage: 1_000,
    crossTenant: { minTenants: 5, largestShare: 0.5, grain: '1h', questionsPerDay: 200 },
  },
  inference: {
    latencyP99: '100ms',
    maxBatch: 1024,
    maxQueue: 65_536,
    maxBody: '16Mi',
    maxText: '4Mi',
    maxInFlight: '64Mi',
    maxModel: '1Gi',
    fetchTimeout: '5m',
  },
  load: { events: '25000/s', requests: '260/s', inferences: '2000/s', questions: '20/s' },
  scaling: {
    upWithin: '2m',
    downWithin: '5m',
    prediction: { budget: 0.0195, trial: 0.008, proven: 0.55, useful: 0.15, aim: 0.86, spread: 0.13 },
  },
  dataClasses: {
    events: { rpo: '15m', rto: '1h', jurisdictions: ['local', 'us'] },
    audit: { rpo: '15m', rto: '4h', jurisdictions: ['local', 'us'], lock: '400d' },
    models: { rpo: '1h', rto: '4h', jurisdictions: ['local', 'us', 'eu'] },
  },
  levels: {
    window: '30d',
    least: 10,
    // Those of the SRE workbook, table 5-8: 2, 5, 10 and 10 per cent of a month's budget.
    burns: [
      { urgency: 'page', rate: 14.4, long: '1h', short: '5m' },
      { urgency: 'page', rate: 6, long: '6h', short: '30m' },
      { urgency: 'ticket', rate: 3, long: '1d', short: '2h' },
      { urgency: 'ticket', rate: 1, long: '3d', short: '6h' },
    ],
    of: {
      'event-collector': { availability: 0.999, latency: 'ingest' },
      'hot-sink': { availability: 0.99, latency: 'storing' },
      'correlation-engine': { latency: 'ingest' },
      'shard-manager': { availability: 0.99 },
      analytics: { availability: 0.995, latency: 'query' },
      'ml-inference': { availability: 0.999, latency: 'inference' },
      operator: { availability: 0.95 },
    },
  },
  monitoring: { scrapeInterval: '5s' },
} as const satisfies ObjectivesPolicy
