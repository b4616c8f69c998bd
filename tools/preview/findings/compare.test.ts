import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import type { Built, JudgedFinding } from '../build/built.ts'
import type { Verdict } from '../build/guardrails.ts'
import { compareFindings, compareVerdicts, ownVerdicts, stops } from './compare.ts'

const finding = (message: string, ...stops: string[]): JudgedFinding => ({
  path: 'a.b',
  value: 1,
  rule: 'quota',
  purpose: 'it fits',
  message,
  stops,
})
const verdict = (message: string, more: Partial<Verdict> = {}): Verdict => ({
  rule: 'quota',
  severity: 'high',
  remediation: 'Lower it.',
  enforcement: 'mandatory',
  stack: 'prod-us-east-1',
  urn: 'urn:1',
  message,
  ...more,
})
const built = (findings: readonly JudgedFinding[], verdicts: readonly Verdict[]): Built => ({
  policies,
  findings,
  verdicts,
  stacks: [{ stack: 'prod-us-east-1', environment: 'prod', error: { message: '', findings: [], notTried: false } }],
  remarks: [],
  unjudged: [],
})

test('what is new comes first, and what is gone is settled', () => {
  const { now, gone } = compareFindings([finding('old'), finding('settled')], [finding('old'), finding('fresh')])
  assert.deepEqual(
    now.map(({ said, isNew }) => [said.message, isNew]),
    [
      ['fresh', true],
      ['old', false],
    ],
  )
  assert.deepEqual(
    gone.map(({ message }) => message),
    ['settled'],
  )
})

test('advice that begins to bind is new', () => {
  const { now } = compareFindings([finding('same')], [finding('same', 'prod')])
  assert.deepEqual(
    now.map(({ isNew }) => isNew),
    [true],
  )
  assert.equal(compareVerdicts([verdict('same', { enforcement: 'advisory' })], [verdict('same')]).now[0]?.isNew, true)
})

test('a verdict that repeats a finding is said once, unless it stops what the finding does not', () => {
  const repeated = verdict('As deployed, limit (229376Mi) must be at least 688Gi.')
  const says = 'limit (224Gi) must be at least 688Gi.'
  assert.deepEqual(ownVerdicts(built([finding(says, 'prod')], [repeated, verdict('another')])), [verdict('another')])
  assert.deepEqual(ownVerdicts(built([finding(says)], [repeated])), [repeated])
  assert.deepEqual(ownVerdicts(built([finding(says)], [{ ...repeated, enforcement: 'advisory' }])), [])
})

test('an exempted verdict stops nothing', () => {
  assert.ok(stops(verdict('a')))
  assert.ok(!stops(verdict('a', { exempted: 'until 2027-01-01: a reason' })))
  assert.ok(!stops(verdict('a', { enforcement: 'advisory' })))
})
