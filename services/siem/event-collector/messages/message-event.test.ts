import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeEvent } from './message-event.ts'

const arrival = Date.UTC(2026, 9, 20)
const limits = { maxEventBytes: 2_000, clock: { aheadMs: 3_600_000, behindMs: 86_400_000 } }
const transport = { protocol: 'syslog-tls', peer: '10.0.0.1' } as const
const make = (message: string | Buffer) => {
  const made = makeEvent(Buffer.from(message), transport, arrival, limits)
  return { ...made, event: JSON.parse(made.bytes.toString()) }
}

test('an event keeps its message to the byte, as text or base64', () => {
  const text = '<13>Oct 19 22:33:20 h app: "q"\u0000\t é 😀'
  assert.deepEqual(make(text).event.original, text)
  const bytes = Buffer.from('<13>Oct 19 22:33:20 h app: caf\xe9\xff', 'latin1')
  const { event } = make(bytes)
  assert.deepEqual([event.original_encoding, Buffer.from(event.original, 'base64').equals(bytes)], ['base64', true])
})

test('its time, how it came, what it is', () => {
  assert.deepEqual(make('<13>Oct 19 22:33:20 h app: x').event, {
    format: 'rfc3164',
    '@timestamp': '2026-10-19T22:33:20.000Z',
    host: 'h',
    provider: 'app',
    message: 'x',
    syslog: {
      facility: 1,
      facility_name: 'user',
      severity: 5,
      severity_name: 'notice',
      timestamp: 'Oct 19 22:33:20',
      hostname: 'h',
      app_name: 'app',
    },
    transport,
    original: '<13>Oct 19 22:33:20 h app: x',
  })
})

test('times too far off are kept and flagged', () => {
  const clock = (time: string) => {
    const { clock: found, event } = make(`<13>1 ${time} h a p m - x`)
    return [found, event.clock, event['@timestamp']]
  }
  assert.deepEqual(clock('2026-10-20T01:00:00Z'), [undefined, undefined, '2026-10-20T01:00:00.000Z'])
  assert.deepEqual(clock('2026-10-20T01:00:01Z'), ['FUTURE', 'FUTURE', '2026-10-20T01:00:01.000Z'])
  assert.deepEqual(clock('2026-10-19T00:00:00Z'), [undefined, undefined, '2026-10-19T00:00:00.000Z'])
  assert.deepEqual(clock('2026-10-18T23:59:59Z'), ['PAST', 'PAST', '2026-10-18T23:59:59.000Z'])
  assert.deepEqual(clock('-'), [undefined, undefined, undefined])
})

test('what would be too long as JSON is kept as its original alone', () => {
  const message = `<13>1 - h a p m - ${'\u0001'.repeat(300)}`
  const { event, format, bytes } = make(message)
  assert.deepEqual(
    [format, event.problems, Buffer.from(event.original, 'base64').toString()],
    ['unknown', ['TOO_LARGE_AS_JSON'], message],
  )
  assert.ok(bytes.length <= limits.maxEventBytes)
})

test('no message says for itself how it came, when it was judged, or what its original is', () => {
  const { event } = make('CEF:0|v|p|1|c|n|1|tenant=globex transport=http original=x clock=FUTURE format=otlp')
  assert.deepEqual(
    [event.format, event.transport, event.clock, event.original.startsWith('CEF:0')],
    ['cef', transport, undefined, true],
  )
  assert.equal(event.tenant, undefined)
})
