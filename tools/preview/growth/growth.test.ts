import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { policies } from '../../../policies/bundle.ts'
import { allocatable } from '../../../policies/capacity.ts'
import { changed } from '../../../policies/checks/testing/change.ts'
import { instances } from '../../../policies/model/instances.ts'
import { bytes } from '../../../policies/model/units.ts'
import { monthlyPrice } from '../cost/prices.ts'
import { type Curve, coresAt, curves, latencyAt } from './curves.ts'
import { compareGrowth, growth } from './growth.ts'
import { pack } from './packing.ts'

const curve: Curve = {
  load: 'events',
  unit: 'events/s',
  date: '2026-11-28',
  machine: 'shared-2',
  command: 'a test',
  remark: '',
  points: [
    { rate: 100, p50: 5, p99: 20, cores: 0.2 },
    { rate: 200, p50: 9, p99: 60, cores: 0.3 },
  ],
}

test('between points a curve is a line, outside of them a unit costs what it did at the nearest', () => {
  assert.deepEqual(
    [50, 100, 150, 200, 400].map((rate) => coresAt(curve, rate)),
    [0.1, 0.2, 0.25, 0.3, 0.6],
  )
  assert.deepEqual(latencyAt(curve, 'p99', 50), { ms: 20, within: true })
  assert.deepEqual(latencyAt(curve, 'p99', 150), { ms: 40, within: false })
  assert.equal(latencyAt(curve, 'p99', 201), undefined)
})

test('every curve says how it was measured, is of a service that there is, and grows', () => {
  for (const [service, { points, date, machine, command, load }] of Object.entries(curves)) {
    assert.ok(policies.services[service], service)
    assert.ok(load in policies.objectives.load, service)
    assert.match(date, /^\d{4}-\d{2}-\d{2}$/)
    assert.ok(machine.length > 0 && command.startsWith('npm run '), service)
    points.forEach((point, i) => {
      const before = points[i - 1]
      assert.ok(point.cores > 0 && point.rate > (before?.rate ?? 0) && point.cores >= (before?.cores ?? 0), service)
      assert.ok((point.p50 ?? 0) <= (point.p99 ?? 0), service)
    })
  }
})

test('law: machines hold what is packed on them, and none could be of a smaller type', () => {
  const types = ['m7i.xlarge', 'm7i.2xlarge', 'm7i.4xlarge']
  const pod = fc.record({
    millicores: fc.integer({ min: 10, max: 20_000 }),
    bytes: fc.integer({ min: 2 ** 20, max: 80 * 2 ** 30 }),
    gpus: fc.constant(0),
  })
  fc.assert(
    fc.property(fc.array(pod, { maxLength: 60 }), (pods) => {
      const { machines, homeless } = pack(pods, types)
      const largest = instances['m7i.4xlarge']!
      const fit = pods.filter(
        (one) =>
          one.millicores <= largest.vcpu * 1_000 * allocatable.cpu &&
          one.bytes <= bytes(largest.memory) * allocatable.memory,
      )
      assert.equal(homeless, pods.length - fit.length)
      const room = { millicores: 0, bytes: 0 }
      let count = 0
      for (const [type, many] of machines) {
        count += many
        room.millicores += many * instances[type]!.vcpu * 1_000 * allocatable.cpu
        room.bytes += many * bytes(instances[type]!.memory) * allocatable.memory
      }
      assert.ok(count <= fit.length)
      assert.ok(room.millicores >= fit.reduce((sum, one) => sum + one.millicores, 0))
      assert.ok(room.bytes >= fit.reduce((sum, one) => sum + one.bytes, 0))
    }),
  )
  assert.deepEqual([...pack([{ millicores: 1_000, bytes: 2 ** 30, gpus: 0 }], types).machines], [['m7i.xlarge', 1]])
  assert.deepEqual(
    [...pack(Array(5).fill({ millicores: 2_000, bytes: 2 ** 32, gpus: 1 }), ['g6.xlarge', 'g6.2xlarge']).machines],
    [['g6.xlarge', 5]],
  )
})

const prod = (of = policies) => growth(of).filter(({ environment }) => environment === 'prod')
const pods = (of: typeof policies, service: string) =>
  prod(of).map(({ services }) => services.find((one) => one.service === service)!)

test('pods follow from the load by the row: rate over threshold, busy share over threshold, within the bounds', () => {
  const of = changed({
    'objectives.load': { events: '40000/s', requests: '1000/s', inferences: '1500/s', questions: '60/s' },
  })
  assert.deepEqual(
    pods(of, 'ml-inference').map(({ replicas, by, wanted }) => [replicas, by, wanted]),
    [
      [2, 'fewest replicas', 2],
      [3, 'qps', 3],
      [10, 'most replicas', 15],
    ],
  )
  assert.deepEqual(
    pods(of, 'event-collector').map(({ replicas, by }) => [replicas, by]),
    [
      [3, 'qps'],
      [5, 'qps'],
      [16, 'most replicas'],
    ],
  )
  assert.deepEqual(
    pods(of, 'analytics').map(({ replicas }) => replicas),
    [2, 3, 8],
  )
  const shards = policies.sharding.shards.prod
  assert.deepEqual(
    pods(of, 'correlation-engine').map(({ replicas, by, each }) => [replicas, by, each?.rate]),
    [1, 2, 10].map((multiple) => [shards, 'fixed', (multiple * 40_000) / shards!]),
  )
  // Every replica of the hot tier stores everything.
  assert.equal(pods(of, 'clickhouse')[2]?.each?.rate, 400_000)
  assert.equal(pods(of, 'clickhouse')[2]?.beyond, true)
  assert.deepEqual(
    prod(of)
      .at(-1)
      ?.short.filter((text) => text.startsWith('ml-inference')),
    ['ml-inference wants 15 pods and may have 10'],
  )
})

test('law: more load never takes fewer pods or less money, and a pod is never busier than its row allows while it may have more', () => {
  const rate = fc.integer({ min: 1, max: 100_000 })
  fc.assert(
    fc.property(rate, rate, rate, rate, (events, requests, inferences, questions) => {
      const load = { requests, inferences, questions, events: Math.max(events, requests) }
      const of = changed({
        'objectives.load': Object.fromEntries(Object.entries(load).map(([name, each]) => [name, `${each}/s`])),
      })
      const rows = prod(of)
      rows.forEach((row, i) => {
        const less = rows[i - 1]
        for (const [at, { replicas }] of row.services.entries())
          assert.ok(replicas >= (less?.services[at]?.replicas ?? 0))
      })
      for (const { services } of rows)
        for (const { service, by, busy } of services) {
          if (busy === undefined || by === 'fixed' || by === 'most replicas') continue
          const metrics = policies.scaling[service.replaceAll('-', '_')]?.metrics ?? []
          const threshold = metrics.find(({ name }) => name === 'utilization')?.threshold
          if (threshold !== undefined) assert.ok(busy <= threshold + 1e-9, `${service} ${busy}`)
        }
    }),
    { numRuns: 50 },
  )
})

test('a machine costs its list price, and what the change moves is seen', () => {
  const row = prod()[0]!
  const expected = [...row.machines].reduce(
    (sum, [type, many]) => sum + many * monthlyPrice(`ec2:${type}`, 'us-east-1')!,
    0,
  )
  assert.ok(expected > 0 && Math.abs(row.dollars - expected) < 0.01)
  const other = changed({ 'scaling.ml_inference.metrics.0.threshold': 250 })
  const moved = compareGrowth(growth(policies), growth(other)).filter(({ after }) => after?.environment === 'prod')
  const [before, after] = [moved[0]!.before!, moved[0]!.after!]
  assert.ok(after.dollars > before.dollars)
  assert.deepEqual(
    compareGrowth([], growth(policies)).filter(({ before: was }) => was),
    [],
  )
})

test('policies that are older than the load, or have no cloud, have no rows', () => {
  assert.deepEqual(growth(changed({ 'objectives.load': undefined })), [])
  assert.deepEqual(growth(changed({ cloud: {} })), [])
})
