import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../policies/bundle.ts'
import { changed } from '../policies/checks/testing/change.ts'
import { cloudStacks, waves } from './names.ts'

test('each environment of the cloud has one global stack, two for each region and one for the links', () => {
  const names = cloudStacks(policies).map(({ name }) => name)
  assert.deepEqual(
    names.filter((name) => name.startsWith('prod')),
    [
      'prod',
      'prod-us-west-2',
      'prod-us-east-2',
      'prod-us-east-1',
      'prod-links',
      'prod-us-west-2-services',
      'prod-us-east-2-services',
      'prod-us-east-1-services',
    ],
  )
  assert.equal(names.length, 16)
})

test('every stack comes after those that it needs', () => {
  const names = cloudStacks(policies).map(({ name }) => name)
  for (const { name, needs } of cloudStacks(policies))
    for (const needed of needs) assert.ok(names.indexOf(needed) < names.indexOf(name), `${needed} before ${name}`)
})

test('what serves nobody changes first, and what leads last', () => {
  assert.deepEqual(waves(policies, 'prod'), ['us-west-2', 'us-east-2', 'us-east-1'])
  const other = changed({ 'regions.us-east-1.role': 'dr', 'regions.us-west-2.role': 'primary' })
  assert.deepEqual(waves(other, 'prod'), ['us-east-1', 'us-east-2', 'us-west-2'])
})
