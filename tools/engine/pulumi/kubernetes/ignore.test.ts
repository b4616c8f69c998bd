import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expand, isOurs, ownedByOthers, withoutIgnored } from './ignore.ts'
import type { JsonObject } from './wire.ts'

const live: JsonObject = {
  metadata: {
    managedFields: [
      { manager: 'us', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:paused': {} } } },
      {
        manager: 'autoscaler',
        operation: 'Update',
        subresource: 'scale',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      },
    ],
  },
  spec: { replicas: 5, paused: true, containers: [{ name: 'a', image: 'live' }] },
}

test('who owns a field is read from the live object', () => {
  assert.ok(ownedByOthers(live, ['spec', 'replicas'], 'us'))
  assert.ok(!ownedByOthers(live, ['spec', 'paused'], 'us'))
  assert.ok(!ownedByOthers(live, ['spec', 'containers', 0, 'image'], 'us'))
  assert.ok(isOurs(live, 'us') && !isOurs(live, 'autoscaler') && !isOurs({}, 'us'))
})

test('an ignored field is left to its owner, or kept as it is where it has none but us', () => {
  const object = { spec: { replicas: 2, paused: false, containers: [{ name: 'a', image: 'new' }] } }
  const ignored = ['spec.replicas', 'spec.paused', 'spec.containers[*].image']
  assert.deepEqual(withoutIgnored(object, live, ignored, 'us'), {
    spec: { paused: true, containers: [{ name: 'a', image: 'live' }] },
  })
  assert.equal(object.spec.replicas, 2)
})

test('wildcards stand for what is there', () => {
  assert.deepEqual(expand(['a', '*', 'b'], [{ a: [{ b: 1 }, {}] }]), [
    ['a', 0, 'b'],
    ['a', 1, 'b'],
  ])
  assert.deepEqual(expand(['a', '*'], [{ a: { x: 1 } }, { a: { y: 1 } }]), [
    ['a', 'x'],
    ['a', 'y'],
  ])
  assert.deepEqual(expand(['a', '*'], [{}]), [])
})
