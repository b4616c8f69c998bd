import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { changes, effect } from './diff.ts'
import { at, format, type Json, type JsonObject, parse, put } from './wire.ts'

const paths = (before: Json, after: Json) => changes(before, after).map(({ path, kind }) => `${kind} ${format(path)}`)

test('the smallest differing properties are named', () => {
  const before = { spec: { replicas: 2, template: { containers: [{ image: 'a:1' }] }, old: 1 } }
  const after = {
    spec: { replicas: 2, template: { containers: [{ image: 'a:2' }, { image: 'b' }] }, new: { deep: 1 } },
  }
  assert.deepEqual(paths(before, after), [
    'update spec.template.containers[0].image',
    'add spec.template.containers[1]',
    'delete spec.old',
    'add spec.new',
  ])
})

test('a change of type is one update', () => {
  assert.deepEqual(paths({ a: { b: 1 } }, { a: [1] }), ['update a'])
  assert.deepEqual(paths({ a: null }, { a: {} }), ['update a'])
})

test("the server's bookkeeping is no effect", () => {
  const live = { metadata: { resourceVersion: '1', generation: 1, labels: { a: '1' } }, status: { ready: 1 } }
  const dryRun = { metadata: { resourceVersion: '2', generation: 2, labels: { a: '1' } }, status: { ready: 0 } }
  assert.deepEqual(effect(live, dryRun), [])
})

const json = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.boolean(),
    fc.integer(),
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(
    fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
    tie('value'),
    { maxKeys: 4 },
  ),
})).object

test('no changes exactly where the values are the same, and each change is where they differ', () => {
  fc.assert(
    fc.property(json, json, (before, after) => {
      const found = changes(before, after)
      assert.equal(found.length === 0, JSON.stringify(sorted(before)) === JSON.stringify(sorted(after)))
      for (const { path } of found) assert.notDeepEqual(at(before, path), at(after, path))
    }),
  )
})

const sorted = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, item]) => [key, sorted(item)]),
        )
      : value

test('a path that is written can be read again', () => {
  const step = fc.oneof(fc.nat(9), fc.stringMatching(/^[A-Za-z][\w./-]*$/))
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1 }).filter((path) => typeof path[0] === 'string'),
      (path) => {
        assert.deepEqual(parse(format(path)), path)
      },
    ),
  )
})

test('paths are read as the engine writes them', () => {
  assert.deepEqual(parse('spec.template.spec.containers[*].env[0]["a.b/c"].name'), [
    ...['spec', 'template', 'spec', 'containers', '*', 'env', 0, 'a.b/c', 'name'],
  ])
  assert.throws(() => parse('a[x'), { message: /is not a property path/ })
})

test('put makes missing parents and deletes with undefined', () => {
  const object: JsonObject = { a: { b: 1 } }
  put(object, ['x', 'y'], 1)
  put(object, ['a', 'b'], undefined)
  put(object, ['none', 'there'], undefined)
  assert.deepEqual(object, { a: {}, x: { y: 1 } })
})
