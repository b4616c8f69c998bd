import assert from 'node:assert/strict'
import { test } from 'node:test'
import { any } from './any.ts'
import { parseMapping } from './parse.ts'
import { windows } from './windows.ts'

test('the built-in mappings are mappings, also after a way through JSON', () => {
  for (const mapping of [windows, any]) assert.deepEqual(parseMapping(JSON.parse(JSON.stringify(mapping))), mapping)
})

test('everything that is wrong with a mapping is told at once, with its path', () => {
  const broken = {
    name: '',
    shapes: [{ name: 'x', at: 'Event', containers: [['a', 1]], aliases: {} }, 7],
    sources: [{ logsource: { products: 'x' }, events: [{ when: { id: [true] }, fields: { a: 'b' } }] }],
    declared: { product: 'p' },
    unknown: 'any',
    more: 1,
  }
  assert.throws(() => parseMapping(broken), {
    message: `The mapping cannot be used:
  mapping has 'more', which is not known.
  name should be a text.
  shapes[0].at should be a list.
  shapes[0].containers[0][1] should be a text.
  shapes[1] should be a map.
  sources[0].logsource has 'products', which is not known.
  sources[0].events[0].when.id[0] should be a text or a number.
  sources[0].events[0].fields.a should be a list.
  declared says nothing where unknown is 'any': leave one out.`,
  })
  assert.throws(() => parseMapping([]), /mapping should be a map/)
})

test('a mapping that tells too many kinds of events apart is refused', () => {
  const when = Object.fromEntries(
    Array.from({ length: 9 }, (_, field) => [`f${field}`, Array.from({ length: 98 }, (_, v) => v)]),
  )
  const sources = [{ logsource: { product: 'x' }, events: [{ when }] }]
  assert.throws(() => parseMapping({ ...any, sources }), /too many fields with too many values/)
})
