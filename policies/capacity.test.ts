import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { policies } from './bundle.ts'
import { demands, largestStep, poolUse, reaction } from './capacity.ts'
import { changed } from './checks/testing/change.ts'
import { bytes, millicores } from './model/units.ts'

test('the largest step is the most that one decision adds, and never leads beyond the bound', () => {
  assert.equal(largestStep({ min: 2, max: 10 }, 1.5), 3, '7 → 10')
  assert.equal(largestStep({ min: 2, max: 16 }, 1.5), 5, '10 → 15')
  assert.equal(largestStep({ min: 3, max: 3 }, 1.5), 0)
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 200 }),
      fc.double({ min: 1.01, max: 4, noNaN: true }),
      (min, more, factor) => {
        const bounds = { min, max: min + more }
        const step = largestStep(bounds, factor)
        assert.ok(step <= more)
        for (let pods = min; pods < bounds.max; pods++)
          assert.ok(Math.min(Math.ceil(pods * factor), bounds.max) - pods <= step)
      },
    ),
  )
})

test('a new GPU machine is later than the promise, which is why headroom is demanded', () => {
  assert.equal(reaction(policies, 'ml-inference', 240), 30 + 5 + 240 + 30)
})

test('a cloud runs no Kafka and no cache of ours, and a laptop has no pools', () => {
  const services = demands(policies, 'prod', 'max').map(({ service }) => service)
  assert.ok(!services.includes('kafka') && !services.includes('redis') && services.includes('clickhouse'))
  assert.deepEqual(demands(policies, 'local', 'max'), [])
})

test('machines hold at least what their pods ask for, and more replicas never need fewer', () => {
  const tens = fc.integer({ min: 2, max: 60 })
  fc.assert(
    fc.property(tens, tens, (inference, collector) => {
      const other = changed({
        'scaling.ml_inference.actions.max_replicas': inference,
        'scaling.event_collector.actions.max_replicas': collector,
      })
      const all = demands(other, 'prod', 'max')
      for (const use of poolUse(other, 'prod', 'max')) {
        const own = all.filter(({ pool }) => pool === use.pool)
        assert.ok(use.vcpu * 1_000 >= own.reduce((sum, demand) => sum + demand.millicores, 0))
        assert.ok(use.bytes >= own.reduce((sum, demand) => sum + demand.bytes, 0))
        assert.ok(use.gpus >= own.reduce((sum, demand) => sum + demand.gpus, 0))
        const least = poolUse(other, 'prod', 'min').find(({ pool }) => pool === use.pool)
        assert.ok((least?.nodes ?? 0) <= use.nodes)
      }
    }),
  )
  const gpu = demands(policies, 'prod', 'max').find(({ service }) => service === 'ml-inference')
  assert.deepEqual([gpu?.pods, gpu?.headroom, gpu?.gpus, gpu?.instance], [10, 3, 13, 'g6.xlarge'])
  assert.equal(gpu?.millicores, 13 * millicores('2'))
  assert.equal(gpu?.bytes, 13 * bytes('4Gi'))
})
