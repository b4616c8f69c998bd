import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from './bundle.ts'
import { replicaBounds } from './replicas.ts'

const of = (environment: 'local' | 'prod', service: string) =>
  replicaBounds(policies, policies.environments[environment]!, service)

test('an engine has its replication, a scaled service its row, any other one pod', () => {
  assert.deepEqual(of('local', 'kafka'), { min: 1, max: 1 })
  assert.deepEqual(of('prod', 'kafka'), { min: 3, max: 3 })
  assert.deepEqual(of('local', 'ml-inference'), { min: 2, max: 10 })
  assert.deepEqual(of('local', 'event-collector'), { min: 1, max: 16 })
  assert.deepEqual(of('prod', 'prometheus'), { min: 1, max: 1 })
})

test('where high availability binds, a scaled service has two pods', () => {
  assert.deepEqual(of('prod', 'event-collector'), { min: 2, max: 16 })
})
