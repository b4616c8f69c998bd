import type { CorrelationPolicy } from './model/correlation.ts'

/** The correlation engine: windows, what they may hold, and how alerts leave. */
export const correlation = {
  lateness: '30s',
  step: '1s',
  idle: '1h',
  limits: { groups: 10_000, eventsPerGroup: 1_000, eventsPerTenant: 100_000, evidence: 100, chained: 100 },
  snapshot: '5s',
  remembered: 10_000,
  evidence: '8Ki',
  cost: { slow: '2ms', strikes: 3 },
  webhooks: { timeout: '10s', giveUp: '10m', queue: 200, concurrency: 4 },
} as const satisfies CorrelationPolicy
