import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EventFields } from './event-fields.ts'

const names = ['device.hostname', 'host', 'Computer', 'a.b.c']
const fields = new EventFields(names)
const read = (text: string) => {
  fields.read(Buffer.from(text))
  return names.map(fields.field)
}

type Json = null | string | number | boolean | Json[] | { [name: string]: Json }
const isObject = (value: Json | undefined): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const own = (event: Json | undefined, name: string): Json | undefined =>
  isObject(event) && Object.hasOwn(event, name) ? event[name] : undefined

/** The same over what JSON.parse gives. */
function expected(event: Json | undefined, name: string): string | undefined {
  const value = own(event, name)
  if (value !== undefined && value !== null && typeof value !== 'object') return String(value)
  const dot = name.indexOf('.')
  return dot < 0 ? undefined : expected(own(event, name.slice(0, dot)), name.slice(dot + 1))
}

test('a member, a path, a name with a dot; the last of a name; nothing for what has no text', () => {
  assert.deepEqual(read('{"device":{"os":[{"hostname":"no"}],"hostname":"web-1"},"host":"h"}'), [
    'web-1',
    'h',
    undefined,
    undefined,
  ])
  assert.deepEqual(read(' { "host" : "x" , "host":"\\u0068\\"" , "device.hostname" : "d", "Computer": 1.50 } '), [
    'd',
    'h"',
    '1.5',
    undefined,
  ])
  assert.deepEqual(read('{"h\\u006fst":"escaped","message":"\\"host\\":\\"no\\"","a":{"b":{"c":true}}}'), [
    undefined,
    'escaped',
    undefined,
    'true',
  ])
  assert.deepEqual(
    read('{"host":null,"Computer":{},"device":"hostname"}'),
    names.map(() => undefined),
  )
  assert.deepEqual(
    read('{}'),
    names.map(() => undefined),
  )
})

test('law: what is read is what JSON.parse gives', () => {
  const name = fc.constantFrom('device', 'hostname', 'host', 'Computer', 'a', 'b', 'c', 'b.c', 'device.hostname', 'x"{')
  const { event } = fc.letrec<{ event: Json; value: Json }>((tie) => ({
    event: fc.dictionary(name, tie('value'), { maxKeys: 6 }),
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', 'h', 'é', ' ') }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      tie('event'),
      fc.array(tie('value'), { maxLength: 3 }),
    ),
  }))
  fc.assert(
    fc.property(event, fc.constantFrom(undefined, 1), (json, indent) => {
      const text = JSON.stringify(json, undefined, indent)
      const parsed: Json = JSON.parse(text)
      assert.deepEqual(
        read(text),
        names.map((wanted) => expected(parsed, wanted)),
        text,
      )
    }),
    { numRuns: 2_000 },
  )
})
