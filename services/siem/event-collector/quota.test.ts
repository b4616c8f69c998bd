import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Quotas } from './quota.ts'

const tenant = (name: string, quota?: { eventsPerSecond: number; burst: number }) => ({
  name,
  homeRegion: 'local',
  quota,
})

test('a burst at once, then the rate; the wait is exact; tenants do not share', () => {
  let now = 0
  const quotas = new Quotas({ eventsPerSecond: 100, burst: 50 }, () => now)
  const acme = tenant('acme')
  assert.equal(quotas.take(acme, 50), 0)
  assert.equal(quotas.take(acme, 10), 100)
  assert.equal(quotas.take(tenant('globex'), 50), 0)
  now += 99
  assert.ok(quotas.take(acme, 10) > 0)
  now += 1
  assert.equal(quotas.take(acme, 10), 0)
})

test('a tenant’s own quota goes before the environment’s', () => {
  const quotas = new Quotas({ eventsPerSecond: 1, burst: 1 }, () => 0)
  assert.equal(quotas.take(tenant('big', { eventsPerSecond: 10, burst: 500 }), 500), 0)
})

test('a request larger than the burst passes a full bucket and leaves a debt that refuses even nothing', () => {
  let now = 0
  const quotas = new Quotas({ eventsPerSecond: 100, burst: 50 }, () => now)
  assert.equal(quotas.take(tenant('a'), 150), 0)
  assert.equal(quotas.take(tenant('a'), 0), 1_000)
  now = 1_000
  assert.equal(quotas.take(tenant('a'), 0), 0)
})

test('what was not used is given back, never beyond the burst', () => {
  const quotas = new Quotas({ eventsPerSecond: 1, burst: 10 }, () => 0)
  quotas.take(tenant('a'), 10)
  quotas.giveBack(tenant('a'), 10)
  quotas.giveBack(tenant('a'), 10)
  assert.equal(quotas.take(tenant('a'), 10), 0)
  assert.ok(quotas.take(tenant('a'), 1) > 0)
})

test('law: over any time, no more is taken than the burst, the rate and one request allow', () => {
  const steps = fc.array(fc.tuple(fc.nat({ max: 500 }), fc.integer({ min: 1, max: 200 })), { maxLength: 100 })
  fc.assert(
    fc.property(steps, (given) => {
      let now = 0
      let taken = 0
      const quotas = new Quotas({ eventsPerSecond: 100, burst: 80 }, () => now)
      for (const [wait, events] of given) {
        now += wait
        if (quotas.take(tenant('a'), events) === 0) taken += events
        assert.ok(taken <= 80 + (now / 1_000) * 100 + 200)
      }
    }),
  )
})
