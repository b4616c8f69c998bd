import type { TracingPolicy } from './model/tracing.ts'

/** How requests are followed from their sender to their alert. */
export const tracing = {
  oneIn: 100,
  ceiling: { traces: '10/s', burst: 20 },
  spans: { waiting: 4_096, batch: 128, linger: '2s', timeout: '5s', giveUp: '30s', alerts: 16 },
} as const satisfies TracingPolicy
