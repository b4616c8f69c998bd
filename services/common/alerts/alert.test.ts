import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Alert, alertIdOf, decodeAlert, encodeAlert, eventOf, refOf, ruleAlertId } from './alert.ts'

const alert: Alert = {
  id: ruleAlertId('r-1', 'acme', 'b/1', 7),
  tenant: 'acme',
  kind: 'rule',
  rule: 'r-1',
  title: 'A "title" – long',
  author: 'somebody',
  level: 'high',
  tags: ['attack.t1059'],
  group: {},
  time: 1_790_000_000_000,
  start: 1_790_000_000_000,
  arrival: 1_790_000_000_100,
  detected: 1_790_000_000_120,
  hits: 1,
  events: [['b/1', 7]],
  event: '{"EventID":1}',
}

test('an alert is read as it was written', () => {
  assert.deepEqual(decodeAlert(encodeAlert(alert)), alert)
  assert.equal(alertIdOf(encodeAlert(alert)), alert.id)
})

test('what is no alert, or one of another version, is none', () => {
  const wire = JSON.parse(encodeAlert(alert).toString())
  const without = (name: string) => ({ ...wire, [name]: undefined })
  const bad = [{}, [], null, 7, { ...wire, v: 2 }, { ...wire, level: 'loud' }, { ...wire, events: [['b', -1]] }]
  for (const one of [
    ...bad,
    ...Object.keys(wire)
      .filter((k) => k !== 'author' && k !== 'event')
      .map(without),
  ])
    assert.equal(decodeAlert(Buffer.from(JSON.stringify(one))), undefined, JSON.stringify(one))
  assert.equal(decodeAlert(Buffer.from('{"v":1,')), undefined)
  assert.equal(alertIdOf(Buffer.alloc(0)), undefined)
})

test('an event’s reference keeps its batch, whatever stands in it', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (batch, line) => {
      assert.deepEqual(eventOf(refOf(batch, line)), [batch, line])
    }),
  )
})

test('the same finding has the same id, and another tenant’s has another', () => {
  const ids = [
    ruleAlertId('r', 'a', 'b', 1),
    ruleAlertId('r', 'a', 'b', 2),
    ruleAlertId('r', 'ab', '', 1),
    ruleAlertId('ra', 'b', '', 1),
  ]
  assert.equal(new Set(ids).size, ids.length)
  assert.equal(ids[0], ruleAlertId('r', 'a', 'b', 1))
})
