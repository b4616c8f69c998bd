import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { addressPlan } from './address.ts'
import { profileOf, regionFacts, regionPaths } from './state.ts'
import { chooseProfile } from './up.ts'

/** A state root with one region, named r, whose facts are these. */
function stateWith(t: TestContext, facts: object): string {
  const root = mkdtempSync(join(tmpdir(), 'nd-profile-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const paths = regionPaths(root, 'r')
  mkdirSync(paths.state)
  writeFileSync(paths.facts, JSON.stringify(facts))
  return root
}

const plan = addressPlan(1)

test('a region is what was asked for, else what it is, else core', (t) => {
  const root = stateWith(t, regionFacts('r', plan, 'full'))
  assert.equal(chooseProfile('other', root, undefined), 'core')
  assert.equal(chooseProfile('other', root, 'full'), 'full')
  assert.equal(chooseProfile('r', root, undefined), 'full')
  assert.equal(profileOf('other', root), undefined)
})

test('a region grows and does not shrink', (t) => {
  const small = stateWith(t, regionFacts('r', plan, 'core'))
  assert.equal(chooseProfile('r', small, 'full'), 'full')
  const large = stateWith(t, regionFacts('r', plan, 'full'))
  assert.throws(() => chooseProfile('r', large, 'core'), { code: 'OTHER_PROFILE', message: /make down/ })
})

test('a region from before there were profiles is core', (t) => {
  const { profile: _, ...facts } = regionFacts('r', plan, 'core')
  assert.equal(profileOf('r', stateWith(t, facts)), 'core')
})
