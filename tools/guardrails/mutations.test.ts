import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StackGraph } from '../../infra/graph/graph.ts'
import { manifestsOf } from '../../infra/kubernetes/test/manifests.ts'
import { changed } from '../../policies/checks/testing/change.ts'
import { exemptions } from '../../policies/guardrails/exemptions.ts'
import { type JudgeOptions, judge } from '../../policies/guardrails/judge.ts'
import { judgeManifests } from '../../policies/guardrails/manifests.ts'
import { guardrails } from '../../policies/guardrails/rules/index.ts'
import { firstPreviews, stackGraphs } from './graphs.ts'
import { mutations } from './mutations.ts'

const prod = await stackGraphs('prod')
// A day on which the exemptions hold: that they end is told by the pack, not by this test.
const today = '2026-12-01'
const sentences = (graph: StackGraph, options: JudgeOptions = {}) =>
  judge(graph, { today, ...options })
    .filter(({ binds }) => binds)
    .map(({ rule, resource, message }) => `${rule.name}: ${resource.type} ${resource.name}: ${message}`)

const all = [...prod, ...(await stackGraphs('staging'))]

for (const graph of all)
  test(`${graph.stack} keeps every rule that binds there`, () => assert.deepEqual(sentences(graph), []))

test('every exemption excuses something that there is', () => {
  const used = new Set(all.flatMap((graph) => judge(graph, { today })).map(({ exemption }) => exemption))
  assert.deepEqual(
    exemptions.filter((one) => !used.has(one)),
    [],
    'Take out what excuses nobody any more.',
  )
})

test('the objects of a local region keep the rules about manifests', () => {
  const found = judgeManifests([...manifestsOf('local').values()], { environment: 'local' })
  assert.deepEqual(
    found.map(({ rule, resource, message }) => `${rule.name}: ${resource.name}: ${message}`),
    [],
  )
})

for (const graph of await firstPreviews(prod))
  test(`${graph.stack} keeps them before anything of it is known`, () => assert.deepEqual(sentences(graph), []))

test('every rule has a mutation', () => {
  assert.deepEqual([...new Set(mutations.map(({ rule }) => rule))].sort(), guardrails.map(({ name }) => name).sort())
})

// Without exemptions: a rule must see the mistake, whoever is excused from it.
const strict: JudgeOptions = { exemptions: [] }
const before = new Set(prod.flatMap((graph) => sentences(graph, strict)))

for (const { rule, mistake, change } of mutations)
  test(`${rule} objects when ${mistake}`, () => {
    const mistaken = prod.flatMap((graph) => change(graph) ?? [])
    assert.ok(mistaken.length > 0, 'no stack has what the mistake is about')
    const found = mistaken.flatMap((graph) => sentences(graph, strict)).filter((sentence) => !before.has(sentence))
    assert.ok(
      found.some((sentence) => sentence.startsWith(`${rule}: `)),
      `it says: ${found.join('; ') || 'nothing'}`,
    )
  })

test('a region that comes under another law makes the copies there illegal, in words', () => {
  const moved = changed({ 'regions.us-west-2.jurisdiction': 'eu' })
  const links = prod.find(({ stack }) => stack === 'prod-links')
  assert.ok(links)
  const found = sentences(links, { policies: moved }).filter((sentence) => sentence.startsWith('residency-replication'))
  assert.ok(
    found.some((sentence) =>
      sentence.endsWith(
        "'cold' holds data of the class 'events' and should not be copied to us-west-2, where the law of 'eu' holds; allowed: local, us.",
      ),
    ),
    found.join('\n'),
  )
  assert.ok(!found.some((sentence) => sentence.includes("'models'")), 'models may lie there')
})
