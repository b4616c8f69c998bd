import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../bundle.ts'
import { environments } from '../environments.ts'
import { scaling } from '../scaling.ts'
import { findings } from './check.ts'
import { binds, checkAll, checkEnvironment, checks } from './index.ts'
import { badCloud } from './testing/bad-cloud.ts'
import { badData } from './testing/bad-data.ts'
import { badServices } from './testing/bad-services.ts'
import { badTraffic } from './testing/bad-traffic.ts'
import { changed } from './testing/change.ts'
import { leaves, quantities } from './units.ts'

const bad = [...badServices, ...badData, ...badCloud, ...badTraffic]

for (const [i, { rule, change, says }] of bad.entries())
  test(`${rule} objects to fixture ${i}`, () => {
    const check = checks.find((c) => c.rule === rule)
    assert.ok(check, `there is no check '${rule}'`)
    const found = findings(check, changed(change))
    assert.deepEqual(
      found.map(({ message }) => message).filter((message) => !shipped.has(message)),
      says,
    )
    for (const finding of found) assert.equal(finding.rule, rule)
  })

/** What is only advice, and already said of the policies in force. */
const shipped = new Set(checkAll().map(({ message }) => message))

test('every check has a bad fixture, and no two checks share a name', () => {
  assert.deepEqual([...new Set(bad.map(({ rule }) => rule))].sort(), checks.map(({ rule }) => rule).sort())
})

test('the policies in force contradict nothing that binds', () => {
  for (const environment of Object.keys(environments)) checkEnvironment(environment)
})

test('the seed’s row stands as the seed has it', () => {
  const { metrics, actions } = scaling.ml_inference
  const { min_replicas, max_replicas, scale_up_factor, scale_down_factor } = actions
  // What the project adds stands beside it: a depth of the queue, what holds while a metric is missing, a forecast.
  assert.deepEqual(
    {
      metrics: metrics.filter(({ name }) => name !== 'queue_depth'),
      actions: { min_replicas, max_replicas, scale_up_factor, scale_down_factor },
    },
    {
      metrics: [
        { name: 'qps', threshold: 1000, window: '60s' },
        { name: 'gpu_utilization', threshold: 80, window: '300s' },
      ],
      actions: { min_replicas: 2, max_replicas: 10, scale_up_factor: 1.5, scale_down_factor: 0.7 },
    },
  )
})

test('every sentence names path and value, says what should be and ends with a full stop', () => {
  for (const { change } of bad)
    for (const { message, path, purpose } of checkAll(changed(change))) {
      assert.ok(message.startsWith(`${path} (`), message)
      assert.match(message, /\) (must|exceeds|cannot be read:) .*\.$/)
      assert.match(purpose, /^[a-z].*[^.]$/)
    }
})

test('a text that begins with a number is a quantity with a parser, or a version', () => {
  const known = (path: string) => quantities.some(([pattern]) => pattern.test(path))
  const unknown = [...leaves(policies)].filter(
    ([path, value]) =>
      typeof value === 'string' && /^\d/.test(value) && !known(path) && !/\.(version|app|addons\.[^.]+)$/.test(path),
  )
  assert.deepEqual(unknown, [])
})

test('every pattern of a quantity matches something', () => {
  const zero = { idle: '5m', cold_start: '30s' }
  // With what a row may have and none has.
  const paths = [...leaves(changed({ 'scaling.hot_sink.actions.scale_to_zero': zero }))].map(([path]) => path)
  for (const [pattern] of quantities)
    assert.ok(
      paths.some((path) => pattern.test(path)),
      `${pattern} matches nothing`,
    )
})

test('while something cannot be read, nothing else is said', () => {
  const found = checkAll(changed({ 'services.kafka.grace': 'soon', 'sharding.slots': 1_000 }))
  assert.deepEqual(
    found.map(({ path }) => path),
    ['services.kafka.grace'],
  )
})

test('a rule that an environment does not demand is advice there, and an error where it is demanded', () => {
  const all = changed({ 'environments.prod.kafka.minInSync': 1, 'environments.staging.kafka.minInSync': 1 })
  const path = 'environments.local.kafka.minInSync'
  assert.ok(checkEnvironment('local', all).some((finding) => finding.path === path))
  assert.throws(() => checkEnvironment('prod', all), {
    code: 'POLICY',
    message:
      'The policies contradict themselves in one place:\n' +
      '  environments.prod.kafka.minInSync (1) must be at least 2. ' +
      '(high-availability: one node, broker or pod may be lost without losing data or service)',
  })
  const lenient = changed({ 'environments.prod.binding': [] }, all)
  assert.equal(checkEnvironment('prod', lenient).length, 1)
})

test('what breaks another environment does not stop this one, but what is wrong everywhere does', () => {
  const elsewhere = changed({ 'environments.prod.quota.cpu': '1' })
  checkEnvironment('local', elsewhere)
  assert.throws(() => checkEnvironment('prod', elsewhere), { code: 'POLICY' })
  const everywhere = changed({ 'caching.l1.ttl': '90s' })
  for (const environment of Object.keys(environments))
    assert.ok(checkAll(everywhere).some((finding) => binds(finding, environment, everywhere)))
})
