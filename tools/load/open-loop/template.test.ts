import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fill, template } from './template.ts'

const event = {
  TimeCreated: '2020-10-18 10:56:18.799',
  '@timestamp': '2020-10-18T10:56:18.799Z',
  EventID: 5156,
  Channel: 'Security',
  Hostname: 'WORKSTATION5',
  ProcessID: '3428',
  Application: 'ünïcode\\path',
  Message: 'rendered',
  Long: 'x'.repeat(500),
}
const filling = { time: Date.UTC(2026, 0, 2, 3, 4, 5, 678), host: 42, process: 1_234, canary: 9_876_543_210 }

test('an event of a template is the real one with its places filled in', () => {
  const made = template(event, { lean: false, canary: false })
  const to = Buffer.alloc(made.bytes.length + 5)
  assert.equal(fill(made, to, 5, filling), to.length)
  assert.equal(to[to.length - 1], 0x0a)
  assert.deepEqual(JSON.parse(to.toString('utf8', 5)), {
    ...event,
    TimeCreated: '2026-01-02 03:04:05.678',
    '@timestamp': '2026-01-02T03:04:05.678Z',
    Hostname: 'ws-00042',
    ProcessID: '01234',
  })
  assert.equal(made.kind, 'Security 5156')
})

test('a lean one leaves out what shippers do, and a canary says which it is', () => {
  const made = template(event, { lean: true, canary: true })
  const to = Buffer.alloc(made.bytes.length)
  fill(made, to, 0, filling)
  const read = JSON.parse(to.toString('utf8')) as Record<string, string>
  assert.equal(read.Message, undefined)
  assert.equal(read.Long?.length, 160)
  assert.equal(read.canary, '009876543210')
  assert.equal(read.Application, event.Application)
})

test('filling twice leaves nothing of the first time', () => {
  const made = template(event, { lean: true, canary: true })
  const [once, twice] = [Buffer.alloc(made.bytes.length), Buffer.alloc(made.bytes.length)]
  fill(made, twice, 0, { time: 1, host: 99_999, process: 99_999, canary: 999_999_999_999 })
  fill(made, twice, 0, filling)
  fill(made, once, 0, filling)
  assert.deepEqual(twice, once)
})
