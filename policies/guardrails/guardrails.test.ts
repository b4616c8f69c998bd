import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changed } from '../checks/testing/change.ts'
import { environments } from '../environments.ts'
import { verdicts } from './judge.ts'
import type { Guardrail } from './model/guardrail.ts'
import type { GuardedResource } from './model/resource.ts'
import { guardrails } from './rules/index.ts'
import type { Fixture } from './testing/fixture.ts'
import { loadRules } from './testing/load.ts'
import { strange, unknowns } from './testing/variants.ts'

const rules = await loadRules()

/** What a rule says of resources, under the policies of its fixture. */
function judgeOf(rule: Guardrail, { changes = {}, stack }: Fixture) {
  const policies = changed(changes)
  const place = { environment: 'prod', ...(stack ? { stack } : {}) }
  return (resources: readonly GuardedResource[]) => verdicts(resources, place, [rule], { exemptions: [], policies })
}

for (const { rule, fixture } of rules) {
  const judge = judgeOf(rule, fixture)
  const sentences = (resources: readonly GuardedResource[]) => judge(resources).map(({ message }) => message)

  test(`${rule.name} lets its good fixtures pass`, () => {
    assert.ok(fixture.good.length > 0)
    for (const resources of fixture.good) assert.deepEqual(sentences(resources), [])
  })

  test(`${rule.name} objects to its bad fixtures, and says what should be`, () => {
    assert.ok(fixture.bad.length > 0)
    for (const { resources, says } of fixture.bad) {
      const all = judge(resources)
      const said = all.map(({ message }, i) => (says[i] instanceof RegExp && says[i].test(message) ? says[i] : message))
      assert.deepEqual(said, says)
      for (const { urn, message } of all) {
        assert.ok(resources.some((resource) => resource.urn === urn))
        assert.match(message, /\.$/)
      }
    }
  })

  test(`${rule.name} holds nothing against anybody that is not known yet`, () => {
    for (const resources of fixture.good)
      for (const { variant, path } of unknowns(resources)) assert.deepEqual(sentences(variant), [], path)
  })

  test(`${rule.name} judges strange resources without an error`, () => {
    for (const { variant } of [...fixture.good, ...fixture.bad.map(({ resources }) => resources)].flatMap(strange))
      sentences(variant)
  })
}

test('the list holds every rule that there is a file for, once', () => {
  const found = rules.map(({ rule: { name } }) => name)
  assert.deepEqual(guardrails.map(({ name }) => name).sort(), [...found].sort())
  assert.equal(new Set(found).size, found.length)
})

test('every rule says what to do, in a sentence', () => {
  for (const { name, title, remediation } of guardrails) {
    assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/)
    assert.match(title, /^[A-Z].*[^.]$/, name)
    assert.match(remediation, /^[A-Z].*\.$/, name)
  }
})

test('no resource at all breaks no rule', () => {
  for (const environment of Object.keys(environments)) assert.deepEqual(verdicts([], { environment }), [])
})
