import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile, loadRules, windows } from './index.ts'
import { recordedCases, recordedRules, withoutRecorded } from './testing/recorded.ts'

test('every SigmaHQ rule compiles, but for those that need placeholders', { skip: withoutRecorded }, () => {
  const { rules, correlations, problems } = loadRules(recordedRules())
  assert.equal(rules.length + correlations.length + problems.length, 3754)
  for (const { file, reason } of problems) assert.match(reason, /The placeholder '%known_cdcs%' has no values/, file)
  assert.equal(problems.length, 2)
  const expanded = loadRules(recordedRules(), { placeholders: new Map([['known_cdcs', ['dc1', 'dc2']]]) })
  assert.deepEqual(expanded.problems, [])
})

test('the recorded events of SigmaHQ meet their rules', { skip: withoutRecorded }, () => {
  const { rules } = loadRules(recordedRules())
  const set = compile(rules, { mapping: windows })
  const cases = recordedCases()
  assert.equal(cases.length, 99)
  for (const { name, rule, least, events } of cases) {
    const matched = events.filter((event) => {
      const hits: number[] = []
      set.match(event, hits)
      return hits.some((index) => set.rules[index]!.id === rule)
    })
    assert.ok(
      matched.length >= least,
      `${name}: ${matched.length} of ${events.length} events match, at least ${least} were recorded`,
    )
  }
})
