import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertNoFindings, type Finding, PolicyError, render } from './finding.ts'

const finding = (path: string): Finding => ({
  path,
  value: 1,
  rule: 'replication',
  purpose: 'a broker may restart',
  message: `${path} (1) must be at least 3.`,
})

test('nothing to say is nothing thrown', () => assertNoFindings([]))

test('all findings are thrown at once, with their list', () => {
  const found = [finding('a.b'), finding('c.d')]
  assert.throws(
    () => assertNoFindings(found),
    (error: unknown) => {
      assert.ok(error instanceof PolicyError)
      assert.equal(error.code, 'POLICY')
      assert.deepEqual(error.findings, found)
      assert.equal(error.message, `The policies contradict themselves in 2 places:\n${render(found)}`)
      return true
    },
  )
})

test('a line names the place, what should be, the rule and what it is for', () => {
  assert.equal(render([finding('a.b')]), '  a.b (1) must be at least 3. (replication: a broker may restart)')
})
