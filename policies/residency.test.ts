import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Policies, policies } from './bundle.ts'
import type { Jurisdiction } from './model/region.ts'
import { forbiddenEdges, type ReplicationEdge, replicationEdges } from './residency.ts'

const show = ({ what, name, from, to, replication }: ReplicationEdge) =>
  `${what} ${name}: ${from} > ${to} ${replication}`

test('the hot tier follows every link, Kafka goes to DR alone, buckets wherever a link goes', () => {
  const shown = replicationEdges(policies, 'prod').map(show)
  assert.deepEqual(
    shown.filter((edge) => edge.startsWith('hot tier')),
    [
      'hot tier siem.events: us-east-1 > us-east-2 sync',
      'hot tier siem.events: us-east-1 > us-west-2 async',
      'hot tier siem.events: us-east-2 > us-west-2 async',
    ],
  )
  assert.deepEqual(
    shown.filter((edge) => edge.startsWith('topic events.raw')),
    ['topic events.raw: us-east-1 > us-west-2 async', 'topic events.raw: us-east-2 > us-west-2 async'],
  )
  assert.equal(shown.filter((edge) => edge.startsWith('bucket')).length, 3 * Object.keys(policies.buckets).length)
  assert.deepEqual(forbiddenEdges(policies, 'prod'), [])
  assert.deepEqual(replicationEdges(policies, 'local'), [])
})

test('a class stays out of a jurisdiction that it does not list, and the others still go there', () => {
  const moved: Policies = {
    ...policies,
    regions: { ...policies.regions, 'us-west-2': { ...policies.regions['us-west-2']!, jurisdiction: 'eu' } },
  }
  const toDr = replicationEdges(moved, 'prod').filter(({ to }) => to === 'us-west-2')
  assert.deepEqual([...new Set(toDr.map(({ dataClass }) => dataClass))], ['models'])
  const refused = forbiddenEdges(moved, 'prod')
  assert.deepEqual([...new Set(refused.map(({ dataClass }) => dataClass))].sort(), ['audit', 'events'])
  assert.deepEqual([refused[0]?.jurisdiction, refused[0]?.allowed], ['eu', ['local', 'us']])
})

test('what is not replicated has no edge', () => {
  const kept: Policies = { ...policies, buckets: { cold: { ...policies.buckets.cold!, replicated: false } } }
  assert.deepEqual(
    replicationEdges(kept, 'prod').filter(({ what }) => what === 'bucket'),
    [],
  )
})

test('wherever regions lie and classes may, no edge breaks a class, and none is lost without being named', () => {
  const place = fc.constantFrom<Jurisdiction>('local', 'us', 'eu', 'apac')
  const names = Object.keys(policies.regions)
  const classes = Object.keys(policies.objectives.dataClasses)
  const all = replicationEdges(policies, 'prod').length
  fc.assert(
    fc.property(
      fc.array(place, { minLength: names.length, maxLength: names.length }),
      fc.array(fc.uniqueArray(place), { minLength: classes.length, maxLength: classes.length }),
      (places, allowed) => {
        const { regions, objectives } = policies
        const moved: Policies = {
          ...policies,
          regions: Object.fromEntries(names.map((name, i) => [name, { ...regions[name]!, jurisdiction: places[i]! }])),
          objectives: {
            ...objectives,
            dataClasses: Object.fromEntries(
              classes.map((name, i) => [name, { ...objectives.dataClasses[name]!, jurisdictions: allowed[i]! }]),
            ),
          },
        }
        const may = ({ dataClass, to }: ReplicationEdge) =>
          moved.objectives.dataClasses[dataClass]!.jurisdictions.includes(moved.regions[to]!.jurisdiction)
        const legal = replicationEdges(moved, 'prod')
        const forbidden = forbiddenEdges(moved, 'prod')
        assert.ok(legal.every(may))
        assert.ok(!forbidden.some(may))
        assert.equal(legal.length + forbidden.length, all)
      },
    ),
  )
})
