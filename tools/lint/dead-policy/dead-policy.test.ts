import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Policies, policies } from '../../../policies/bundle.ts'
import { leaves } from '../../../policies/checks/units.ts'
import { broken, observe, unsteady } from './observe.ts'
import { otherValues } from './other-values.ts'
import { transcript } from './recorder.ts'
import { loaderFor } from './reload.ts'

test('every probe answers under the policies in force', async () => {
  for (const environment of ['local', 'staging', 'prod'] as const) assert.deepEqual(await broken(environment), [])
})

test('every probe answers the same to the same policies', async () => {
  for (const environment of ['local', 'prod'] as const) assert.deepEqual(await unsteady(environment), [])
})

test('a program is observed by what it hands to its parts', async () => {
  const lines = await transcript(loaderFor(), 'services/siem/event-collector/main.ts', 'prod')
  assert.ok(
    lines.some((line) => line.startsWith('new Collector(') && line.includes('"partitions":256')),
    lines.join('\n'),
  )
})

test('the topics job hands on what it needs of an environment and of its cloud, and nothing else', async () => {
  for (const [environment, localRetentionMs] of [
    ['prod', 86_400_000],
    ['local', undefined],
  ] as const) {
    const kafka = JSON.stringify({ kafka: policies.environments[environment]?.kafka })
    const lines = await transcript(loaderFor(), 'services/platform/topics/main.ts', environment)
    const made = lines.filter((line) => line.startsWith('wantedTopics('))
    assert.deepEqual(made, [`wantedTopics(${kafka}, ${localRetentionMs})`])
  }
})

test('every leaf has another value to try', () => {
  const stuck = [...leaves(policies)].filter(([path, value]) => otherValues(path, value, policies).length === 0)
  assert.deepEqual(stuck, [])
})

test('a leaf that nobody reads is found', async () => {
  const more: Policies = { ...policies, caching: { ...policies.caching, ...{ l3: { ttl: '600s' } } } }
  const seen = await observe(more, (path) => path.startsWith('caching.l3.'))
  assert.deepEqual(seen, [{ path: 'caching.l3.ttl', by: 'nothing' }])
})
