import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { changed } from '../checks/testing/change.ts'
import { environments } from '../environments.ts'
import { verdicts } from './judge.ts'
import type { Guardrail } from './model/guardrail.ts'
import { guardrails } from './rules/index.ts'
import type { Fixture } from './testing/fixture.ts'

const folder = new URL('./rules/', import.meta.url)

/** Every file of a rule with the fixture of the same name. */
const pairs = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: group }) =>
    readdirSync(new URL(`${group}/`, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name: file }) => ({ group, file })),
  )

const isRule = (value: unknown): value is Guardrail =>
  typeof value === 'object' && value !== null && 'find' in value && 'severity' in value

const found: string[] = []
for (const { group, file } of pairs) {
  const exported = Object.values((await import(new URL(`${group}/${file}`, folder).href)) as object).filter(isRule)
  for (const rule of exported) {
    found.push(rule.name)
    const { fixture } = (await import(new URL(`${group}/testing/${file}`, folder).href)) as { fixture: Fixture }
    const judge = (resources: Fixture['good'][number]) =>
      verdicts(resources, { environment: 'prod', ...(fixture.stack ? { stack: fixture.stack } : {}) }, [rule], {
        exemptions: [],
        policies: changed(fixture.changes ?? {}),
      })

    test(`${rule.name} lets its good fixtures pass`, () => {
      assert.ok(fixture.good.length > 0)
      for (const resources of fixture.good)
        assert.deepEqual(
          judge(resources).map(({ message }) => message),
          [],
        )
    })

    test(`${rule.name} objects to its bad fixtures, and says what should be`, () => {
      assert.ok(fixture.bad.length > 0)
      for (const { resources, says } of fixture.bad) {
        const all = judge(resources)
        assert.deepEqual(
          all.map(({ message }, i) => (says[i] instanceof RegExp && says[i].test(message) ? says[i] : message)),
          says,
        )
        for (const { urn, message } of all) {
          assert.ok(resources.some((resource) => resource.urn === urn))
          assert.match(message, /\.$/)
        }
      }
    })
  }
}

test('the list holds every rule that there is a file for, once', () => {
  assert.deepEqual(guardrails.map(({ name }) => name).sort(), found.sort())
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
