import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Alert, encodeAlert } from '../../common/alerts/alert.ts'
import { latest } from '../../common/events/time.ts'
import { alertContent } from './alerts.ts'
import { withoutDuplicates } from './duplicates.ts'

const alert: Alert = {
  id: 'a'.repeat(32),
  tenant: 'acme',
  kind: 'rule',
  rule: 'r1',
  title: 'Title',
  level: 'high',
  tags: ['attack.t1059'],
  group: {},
  time: 1_000,
  start: 900,
  arrival: 1_100,
  detected: 1_200,
  hits: 1,
  events: [['b', 7]],
}
const read = (value: Buffer, maxBytes = 10_000) =>
  alertContent.read({ offset: 7n, key: null, value, timestamp: 0 }, maxBytes, 3)

test('an alert is known by its tenant and its id, and its age counts from when it was made', () => {
  const record = read(encodeAlert(alert))
  assert.ok(record.kind === 'events')
  const { tenant, batch, lines, arrival, offset, takenAt } = record
  assert.deepEqual([tenant, batch, lines, arrival, offset, takenAt], ['acme', alert.id, [0], 1_200, 7n, 3])
})

test('one that stands twice in the topic is one row, and one that is stored none', () => {
  const other = { ...alert, id: 'b'.repeat(32) }
  const records = [alert, other, alert].map((one) => read(encodeAlert(one)))
  const keeps = (stored: string[]) =>
    withoutDuplicates(
      records,
      stored.map((batch) => ({ tenant: 'acme', batch, lines: [0] })),
    ).map(({ keep }) => (keep === 'all' ? 1 : keep.length))
  assert.deepEqual(keeps([]), [1, 1, 0])
  assert.deepEqual(keeps([other.id]), [1, 0, 0])
})

test('what is no alert, is too large or has numbers that no column holds is unreadable, and says why', () => {
  const reasonOf = (value: Buffer, maxBytes?: number) => {
    const record = read(value, maxBytes)
    return record.kind === 'unreadable' ? record.reason : undefined
  }
  assert.equal(reasonOf(Buffer.from('{}')), 'NOT_A_RECORD')
  assert.equal(reasonOf(encodeAlert(alert), 10), 'TOO_LARGE')
  for (const more of [{ time: -1 }, { detected: latest + 1 }, { hits: 2 ** 32 }, { events: [['b', 2 ** 32]] as const }])
    assert.equal(reasonOf(encodeAlert({ ...alert, ...more })), 'OUT_OF_RANGE', JSON.stringify(more))
  assert.equal(reasonOf(encodeAlert(alert)), undefined)
})
