import assert from 'node:assert/strict'
import { test } from 'node:test'
import { misses, type RungResult } from './rung.ts'

type Judged = Pick<RungResult, 'generated' | 'alerts' | 'stored'>

const alerts: Judged['alerts'] = {
  expected: 60,
  missing: 0,
  doubled: 0,
  alerts: 60,
  ms: { p50: 20, p99: 99, p999: 99, max: 99 },
}
const stored: Judged['stored'] = { acknowledged: 60_000, lost: 0, doubled: 0, beyond: 0 }

/** A rung of 1,000 events a second that holds an objective of 100 ms, but for what is given. */
const judged = (
  more: {
    generated?: Partial<Judged['generated']>
    alerts?: Partial<Judged['alerts']>
    stored?: Partial<Judged['stored']>
    p99?: number
  } = {},
): Judged => ({
  generated: {
    offered: 60_000,
    achievedPerSecond: 990,
    canaries: 60,
    retries: 0,
    rejected: 0,
    bytesPerEvent: 400,
    maxLagMs: 1,
    acknowledgedMs: { p50: 5, p99: 20 },
    generatorCpuSeconds: 1,
    ...more.generated,
  },
  alerts: { ...alerts, ms: { ...alerts.ms, p99: more.p99 ?? 99 }, ...more.alerts },
  stored: { ...stored, ...more.stored },
})
const of = (more: Parameters<typeof judged>[0]) => misses(1_000, 100, judged(more))

test('a rung holds when nearly all was acknowledged in time, alerts came in time and once, and events are stored once', () => {
  assert.deepEqual(of({}), [])
})

test('each thing that misses is named with its figure', () => {
  const cases: readonly (readonly [Parameters<typeof judged>[0], string])[] = [
    [{ generated: { achievedPerSecond: 989 } }, '989 events/s were acknowledged of 1000 offered'],
    [{ p99: 100 }, 'event to alert P99 is 100 ms, not below 100'],
    // Nothing was measured.
    [{ p99: Number.NaN }, 'event to alert P99 is NaN ms, not below 100'],
    [{ alerts: { expected: 0 } }, 'no alert was expected, so none was measured'],
    [{ alerts: { missing: 2 } }, '2 alerts are missing'],
    [{ alerts: { doubled: 3 } }, '3 alerts came twice'],
    [{ stored: { lost: 4 } }, '4 acknowledged events are not stored'],
    [{ stored: { doubled: 5 } }, '5 events are stored twice'],
  ]
  for (const [more, says] of cases) assert.deepEqual(of(more), [says])
})

test('everything that misses is said, not the first alone', () => {
  assert.equal(of({ p99: 500, alerts: { missing: 1 }, stored: { lost: 1 } }).length, 3)
})
