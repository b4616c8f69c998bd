import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { policies } from '../../../policies/bundle.ts'
import { checkAll } from '../../../policies/checks/index.ts'
import { changed } from '../../../policies/checks/testing/change.ts'
import { capacity, compareCapacity, exceeds } from './capacity.ts'

const row = (of: typeof policies, what: string, unit: string) =>
  capacity(of).find((one) => one.environment === 'prod' && one.what === what && one.unit === unit)

test('GPUs are counted with their headroom, against the limit of their pool', () => {
  assert.deepEqual(row(policies, "pool 'gpu'", 'GPUs'), {
    environment: 'prod',
    what: "pool 'gpu'",
    unit: 'GPUs',
    min: 2 + 3,
    max: 10 + 3,
    limit: 14,
    path: 'cloud.prod.kubernetes.pools.gpu.limits.gpu',
  })
})

test('the policies in force fit, and their fewest replicas never take more than their most', () => {
  for (const one of capacity(policies)) assert.ok(!exceeds(one) && one.min <= one.max, JSON.stringify(one))
})

test('where a row of a pool does not fit, the check of the pools objects, and the other way round', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 2, max: 200 }), (inference, collector) => {
      const other = changed({
        'scaling.ml_inference.actions.max_replicas': inference,
        'scaling.event_collector.actions.max_replicas': collector,
      })
      const over = capacity(other).flatMap((one) => (exceeds(one) && one.what.startsWith('pool') ? one.path : []))
      const said = checkAll(other).flatMap(({ rule, path }) =>
        rule === 'pools-within-limits' && path.includes('.limits.') ? path : [],
      )
      assert.deepEqual(over.sort(), said.sort())
    }),
  )
})

test('a row that came or went stands on one side', () => {
  const without = changed({ 'cloud.staging': undefined })
  const gone = compareCapacity(capacity(policies), capacity(without)).filter(({ after }) => !after)
  assert.deepEqual([...new Set(gone.map(({ before }) => before?.environment))], ['staging'])
})
