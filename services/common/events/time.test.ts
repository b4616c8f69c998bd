import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { eventTime, latest, readTime } from './time.ts'

const at = (iso: string) => Date.parse(iso)

test('what events say of their time is read', () => {
  const readable = {
    '2020-08-05T06:09:51.734Z': at('2020-08-05T06:09:51.734Z'),
    '2020-10-18 10:56:18.799': at('2020-10-18T10:56:18.799Z'),
    '2020-08-05 02:09:50': at('2020-08-05T02:09:50Z'),
    '2020-08-05T02:09': at('2020-08-05T02:09:00Z'),
    '2020-08-05T02:09:50.1234567Z': at('2020-08-05T02:09:50.123Z'),
    '2020-08-05T02:09:50,5+02:00': at('2020-08-05T00:09:50.5Z'),
    '2020-08-05T02:09:50-0330': at('2020-08-05T05:39:50Z'),
    '2020-02-29 00:00:00 UTC': at('2020-02-29T00:00:00Z'),
    '1970-01-01T00:00:00Z': 0,
    '1969-12-31T23:30:00-01:00': 1_800_000,
    '2299-12-31T23:59:59.999Z': latest,
    '1596607791.734': 1_596_607_791_734,
    '1596607791734': 1_596_607_791_734,
  }
  for (const [text, expected] of Object.entries(readable)) assert.equal(readTime(text), expected, text)
  assert.equal(readTime(1_596_607_791), 1_596_607_791_000)
  assert.equal(readTime(1_596_607_791.734), 1_596_607_791_734)
  assert.equal(readTime(1_596_607_791_734), 1_596_607_791_734)
})

test('what is no time, or none that the table holds, is not', () => {
  const unreadable = [
    ...['', 'yesterday', '2021-02-29T00:00:00Z', '2020-13-01T00:00:00Z', '2020-00-01 00:00:00', '2020-01-01', '12:00'],
    ...[
      '2020-01-01T24:00:00Z',
      '2020-01-01T00:60:00Z',
      '2300-01-01T00:00:00Z',
      '1969-12-31T23:59:59Z',
      '0075-01-01 00:00:00',
    ],
    ...[
      5,
      -1,
      0,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1.6e15,
      latest + 1,
      null,
      undefined,
      true,
      {},
      ['2020-08-05 02:09:50'],
    ],
    '2020-01-01T00:00:00Z'.padEnd(65),
  ]
  for (const value of unreadable) assert.equal(readTime(value), undefined, String(value))
})

test('law: a moment is read back out of each way to write it; anything else never throws and stays in range', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: latest }), (ms) => {
      const iso = new Date(ms).toISOString()
      assert.equal(readTime(iso), ms)
      assert.equal(readTime(iso.slice(0, -1).replace('T', ' ')), ms)
      if (ms >= 1e11) {
        assert.equal(readTime(ms), ms)
        assert.equal(readTime(ms / 1_000), ms)
      }
    }),
  )
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const read = readTime(value)
      assert.ok(read === undefined || (Number.isInteger(read) && read >= 0 && read <= latest))
    }),
  )
})

test('an event says when it happened by the first field that can be read; one that says nothing happened when it arrived', () => {
  const at = Date.UTC(2026, 10, 28)
  const text = new Date(at).toISOString()
  assert.equal(eventTime({ time: 'soon', '@timestamp': text }, 5), at)
  assert.equal(eventTime({ EventTime: 'never', timestamp: at }, 5), at)
  assert.equal(eventTime({ Event: { System: { TimeCreated: { '#attributes': { SystemTime: text } } } } }, 5), at)
  assert.equal(eventTime({ Event: 'text', time: null }, 5), 5)
})

test('law: a time of the usual form is what Date.parse makes of it, to the millisecond, and a spoiled one is none', () => {
  const moment = fc.date({ min: new Date(0), max: new Date(latest), noInvalidDate: true })
  fc.assert(
    fc.property(moment, fc.nat({ max: 9 }), fc.boolean(), fc.boolean(), (date, fraction, space, zone) => {
      const whole = date.toISOString()
      const digits = `${whole.slice(20, 23)}456789`.slice(0, fraction)
      const text = `${whole.slice(0, 10)}${space ? ' ' : 'T'}${whole.slice(11, 19)}${digits && `.${digits}`}${zone ? 'Z' : ''}`
      const ms = Number(digits.slice(0, 3).padEnd(3, '0'))
      assert.equal(readTime(text), Math.floor(date.getTime() / 1_000) * 1_000 + ms, text)
      for (const spoiled of [`${text}x`, text.replace(':', '.'), `x${text.slice(1)}`, text.replace('-', '/')])
        assert.equal(readTime(spoiled), undefined, spoiled)
    }),
  )
})
