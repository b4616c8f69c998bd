import type { ObjectivesPolicy } from './model/objectives.ts'

/** What the platform promises, and the limits that make the promise keepable. */
export const objectives = {
  ingest: {
    latencyP99: '100ms',
    availability: '99.9%',
    maxBody: '16Mi',
    maxEvent: '256Ki',
    maxEventsPerRequest: 10_000,
    ackTimeout: '10s',
    maxInFlight: '64Mi',
  },
  query: { timeout: '10s', maxRows: 10_000 },
} as const satisfies ObjectivesPolicy
