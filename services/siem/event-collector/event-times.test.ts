import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { eventTime } from '../../common/events/time.ts'
import { clockProblem } from './clock.ts'
import { EventTimes } from './event-times.ts'
import { scanJson } from './json.ts'

const arrival = Date.UTC(2026, 9, 20, 12)
const limits = { aheadMs: 3_600_000, behindMs: 30 * 86_400_000 }
const judged = (event: string) => {
  const times = new EventTimes(limits, arrival)
  const bytes = Buffer.from(event)
  times.begin(bytes)
  scanJson(bytes, 0, bytes.length, times.member)
  times.judge()
  return times.counts.FUTURE ? 'FUTURE' : times.counts.PAST ? 'PAST' : undefined
}

test('the time is the one that the hot tier reads', () => {
  for (const [event, problem] of [
    ['{"@timestamp":"2026-10-20T12:59:59.999Z"}', undefined],
    ['{"@timestamp":"2026-10-20T13:00:00.001Z"}', 'FUTURE'],
    ['{"@timestamp":"2026-10-20T15:00:00+02:00"}', undefined],
    ['{"@timestamp":"2026-10-20T15:00:01+02:00"}', 'FUTURE'],
    ['{"@timestamp":"not a time","time":1}', undefined],
    ['{"@timestamp":"2026-10-32T12:00:00Z","time":1000000000}', 'PAST'],
    ['{"time":"2031-01-01 00:00:00","EventTime":"2026-10-20T12:00:00Z"}', undefined],
    ['{"time":1000000000,"time":"2026-10-20T12:00:00Z"}', undefined],
    ['{"timestamp":1792497600}', undefined],
    ['{"timestamp":"\\u0032031-01-01T00:00:00Z"}', 'FUTURE'],
    ['{"times":"2031-01-01T00:00:00Z","Time":"2031-01-01T00:00:00Z"}', undefined],
    ['{}', undefined],
  ] as const)
    assert.equal(judged(event), problem, event)
})

test('law: whatever the time, the verdict is that of the sink’s reading', () => {
  const form = fc.constantFrom(
    (d: Date) => d.toISOString(),
    (d: Date) => d.toISOString().replace('.', '.000'),
    (d: Date) => d.toISOString().slice(0, 19),
    (d: Date) => `${d.toISOString().slice(0, 19)}Z`,
    (d: Date) => d.toISOString().replace('T', ' '),
    (d: Date) => d.getTime(),
    (d: Date) => d.toISOString().replace(/\d\d:/, '24:'),
    (d: Date) => d.toISOString().replace('Z', '+14:00'),
  )
  const near = fc.date({
    min: new Date(arrival - 32 * 86_400_000),
    max: new Date(arrival + 2 * 86_400_000),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(near, form, (date, write) => {
      const event = { timestamp: write(date) }
      assert.equal(judged(JSON.stringify(event)), clockProblem(eventTime(event, arrival), arrival, limits))
    }),
    { numRuns: 2_000 },
  )
})
