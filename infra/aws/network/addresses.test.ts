import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { policies } from '../../../policies/bundle.ts'
import { awsScope } from '../scope.ts'
import { type Addresses, addresses, peerNetworks, serviceRange } from './addresses.ts'

const scope = awsScope('prod', 'us-east-1', policies)

const at = (environment: number, region: number): Addresses =>
  addresses({
    ...scope,
    cloud: { ...scope.cloud, network: environment },
    here: { ...scope.here, cloud: { ...scope.here.cloud, network: region } },
  })

/** First and last address of a range, as numbers. */
function span(range: string): readonly [number, number] {
  const [address = '', length = ''] = range.split('/')
  const size = 2 ** (32 - Number(length))
  const first = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  assert.equal(first % size, 0, `${range} does not begin where a /${length} begins`)
  return [first, first + size - 1]
}
const disjoint = (a: string, b: string) => span(a)[1] < span(b)[0] || span(b)[1] < span(a)[0]
const inside = (a: string, b: string) => span(b)[0] <= span(a)[0] && span(a)[1] <= span(b)[1]
const subnets = ({ zones }: Addresses) => zones.flatMap((zone) => [zone.private, zone.public, zone.intra])

const environment = fc.integer({ min: 1, max: 15 })
const region = fc.integer({ min: 0, max: 15 })

test('no two regions of any two environments share an address, nor do they meet the services', () => {
  fc.assert(
    fc.property(environment, region, environment, region, (e1, r1, e2, r2) => {
      fc.pre(e1 !== e2 || r1 !== r2)
      assert.ok(disjoint(at(e1, r1).network, at(e2, r2).network))
      assert.ok(inside(at(e1, r1).network, '10.0.0.0/8'))
      assert.ok(disjoint(at(e1, r1).network, serviceRange))
    }),
  )
})

test('all subnets lie in their network and share nothing', () => {
  fc.assert(
    fc.property(environment, region, (e, r) => {
      const all = subnets(at(e, r))
      assert.equal(all.length, 9)
      for (const [i, range] of all.entries()) {
        assert.ok(inside(range, at(e, r).network), range)
        for (const other of all.slice(i + 1)) assert.ok(disjoint(range, other), `${range} meets ${other}`)
      }
    }),
  )
})

test('production in us-east-1 is where people look for it', () => {
  assert.equal(addresses(scope).network, '10.33.0.0/16')
  assert.deepEqual(addresses(scope).zones[1], {
    zone: 'us-east-1b',
    private: '10.33.64.0/18',
    intra: '10.33.208.0/20',
    public: '10.33.241.0/24',
  })
})

test('the peers of a region are the other networks of its environment', () => {
  assert.deepEqual(peerNetworks(scope), ['10.34.0.0/16', '10.35.0.0/16'])
})

test('a number outside its block is named', () => {
  for (const bad of [0, 16, 1.5, Number.NaN])
    assert.throws(() => at(bad, 0), {
      name: 'RangeError',
      message: `cloud.network (${bad}) must be a whole number from 1 to 15: it is the /12 of the environment.`,
    })
  for (const bad of [-1, 16])
    assert.throws(() => at(1, bad), /^RangeError: regions\.us-east-1\.cloud\.network \(-?\d+\) must be .* from 0 to 15/)
})
