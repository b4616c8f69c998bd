import type { AlertingPolicy } from './model/alerting.ts'

/** The correlation engine: how often it saves what it remembers, what a rule may cost, and how alerts leave. */
export const alerting = {
  snapshot: '5s',
  remembered: 10_000,
  waiting: 20_000,
  maxEvent: '8Ki',
  cost: { slow: '2ms', strikes: 3 },
  webhooks: { timeout: '10s', giveUp: '10m', queue: 200, concurrency: 4 },
} as const satisfies AlertingPolicy
