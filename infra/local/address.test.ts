import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addressPlan, conflict, freePlan, maxRegions, overlaps } from './address.ts'

const index = fc.integer({ min: 0, max: maxRegions - 1 })

test('two regions share no address', () => {
  fc.assert(
    fc.property(index, index, (a, b) => {
      assert.equal(overlaps(addressPlan(a).network, addressPlan(b).network), a === b)
    }),
  )
})

test("all of a region's networks and addresses lie in its own network, and pods and services apart", () => {
  fc.assert(
    fc.property(index, (i) => {
      const { network, ...plan } = addressPlan(i)
      for (const part of [plan.podCidr, plan.serviceCidr, plan.nodeAddress, plan.hostAddress, plan.dnsAddress])
        assert.ok(overlaps(part, network), part)
      assert.ok(!overlaps(plan.podCidr, plan.serviceCidr))
      assert.ok(overlaps(plan.dnsAddress, plan.serviceCidr) && overlaps(plan.kubernetesAddress, plan.serviceCidr))
      assert.ok(overlaps(plan.podRange.end, plan.podCidr) && !overlaps(plan.podRange.start, plan.hostAddress))
    }),
  )
})

test('an index outside the plan is refused', () => {
  assert.throws(() => addressPlan(maxRegions), /Region index 60 is not between 0 and 59\./)
  assert.throws(() => addressPlan(-1), RangeError)
})

test('networks overlap exactly when they share an address', () => {
  assert.ok(overlaps('10.0.0.0/8', '10.200.3.4'))
  assert.ok(overlaps('10/8', '10.200.0.0/16'))
  assert.ok(overlaps('10.180.0.77/24', '10.180.0.0/16'))
  assert.ok(!overlaps('10.180.0.0/24', '10.180.1.0/24'))
  assert.throws(() => overlaps('fd00::/8', '10.0.0.0/8'), /'fd00::\/8' is not an IPv4 network/)
})

test('a free plan skips what a link, a route or a stopped region holds', () => {
  const taken = [
    { cidr: '10.180.0.0/16', holder: 'link docker0' },
    { cidr: '10.181.5.0/24', holder: "route 'x'" },
  ]
  assert.equal(freePlan(taken, new Set([2])).index, 3)
  assert.deepEqual(conflict(addressPlan(1), taken), taken[1])
  assert.equal(conflict(addressPlan(2), taken), undefined)
})

test('when nothing is free, the error names who holds the networks', () => {
  assert.throws(() => freePlan([{ cidr: '10.0.0.0/8', holder: 'link tun0' }], new Set()), {
    code: 'NO_FREE_ADDRESSES',
    message:
      "No network is free for a region between 10.180.0.0/16 and 10.239.0.0/16: held by 10.0.0.0/8 (link tun0). Remove one of these, or take a region down with 'make down'.",
  })
})
