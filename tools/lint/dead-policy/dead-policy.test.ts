import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Policies, policies } from '../../../policies/bundle.ts'
import { leaves } from '../../../policies/checks/units.ts'
import { broken, observe } from './observe.ts'
import { otherValues } from './other-values.ts'
import { transcript } from './recorder.ts'
import { loaderFor } from './reload.ts'

/** Leaves that only checks read, and why that is enough. */
const judgedOnly: readonly (readonly [RegExp, string])[] = [
  [/^regions\.local\.role$/, 'a laptop has one region, which leads'],
  [/^environments\.\w+\.sizes\.ml-inference\./, 'not built yet: the quota keeps its place free'],
  [/^services\.ml-inference\.(startup|grace)$/, 'not built yet: its row must be able to keep its promise'],
  [/^environments\.\w+\.binding\.1$/, 'a rule about other policies'],
  [/^objectives\.dataClasses\.\w+\.(rto|jurisdictions\.\d+)$/, 'a promise that replication and regions are held to'],
  [/^links\.\d+\.roundTrip$/, 'what a synchronous copy is held to'],
  [/^cloud\.\w+\.serviceQuotas\.\w+$/, 'what the account may use: pools and brokers are held to it'],
  [/^cloud\.\w+\.kubernetes\.pools\.\w+\.nodeStartup$/, 'why a step of scaling must find warm room'],
  [/^objectives\.scaling\.(up|down)Within$/, 'a promise that other policies are held to'],
]

const list = (paths: readonly string[]): string => paths.map((path) => `\n  ${path}`).join('')

test('every probe answers under the policies in force', async () => {
  for (const environment of ['local', 'staging', 'prod'] as const) assert.deepEqual(await broken(environment), [])
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

test('every leaf of the policies changes an object, a behaviour or, where that is enough, a finding', async () => {
  const seen = await observe()
  const dead = seen.filter(({ by }) => by === 'nothing').map(({ path }) => path)
  assert.deepEqual(dead, [], `Nobody reads these: give each a reader, or delete it.${list(dead)}`)
  const enough = (path: string) => judgedOnly.some(([pattern]) => pattern.test(path))
  const judged = seen.filter(({ by, path }) => by === 'finding' && !enough(path)).map(({ path }) => path)
  assert.deepEqual(
    judged,
    [],
    `Only checks read these: give each a reader, a probe that shows it, or a reason.${list(judged)}`,
  )
  for (const [pattern, reason] of judgedOnly)
    assert.ok(
      seen.some(({ by, path }) => by === 'finding' && pattern.test(path)),
      `${pattern} (${reason}) is no exception any more: take it out.`,
    )
})

test('a leaf that nobody reads is found', async () => {
  const more: Policies = { ...policies, caching: { ...policies.caching, ...{ l3: { ttl: '600s' } } } }
  const seen = await observe(more, (path) => path.startsWith('caching.l3.'))
  assert.deepEqual(seen, [{ path: 'caching.l3.ttl', by: 'nothing' }])
})
