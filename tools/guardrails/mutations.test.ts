import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge } from '../../policies/guardrails/judge.ts'
import { guardrails } from '../../policies/guardrails/rules/index.ts'
import { stackGraphs } from './graphs.ts'
import { mutations } from './mutations.ts'

const graphs = await stackGraphs('prod')
const options = { exemptions: [] }

for (const graph of graphs)
  test(`${graph.stack} keeps every rule that binds there`, () => {
    const broken = judge(graph).filter(({ binds }) => binds)
    assert.deepEqual(
      broken.map(({ rule, resource, message }) => `${rule.name}: ${resource.type} ${resource.name}: ${message}`),
      [],
    )
  })

test('every rule has a mutation', () => {
  assert.deepEqual([...new Set(mutations.map(({ rule }) => rule))].sort(), guardrails.map(({ name }) => name).sort())
})

for (const { rule, mistake, change } of mutations)
  test(`${rule} objects when ${mistake}`, () => {
    const changed = graphs.flatMap((graph) => change(graph) ?? [])
    assert.ok(changed.length > 0, 'no stack has what the mistake is about')
    const before = new Set(
      graphs
        .flatMap((graph) => judge(graph, options))
        .map(({ rule: { name }, urn, message }) => `${name} ${urn} ${message}`),
    )
    const found = changed
      .flatMap((graph) => judge(graph, options))
      .filter(({ rule: { name }, urn, message }) => !before.has(`${name} ${urn} ${message}`))
    assert.ok(
      found.some((verdict) => verdict.rule.name === rule && verdict.binds),
      `it says: ${found.map(({ rule: { name }, message }) => `${name}: ${message}`).join('; ') || 'nothing'}`,
    )
  })
