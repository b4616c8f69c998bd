import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../policies/bundle.ts'
import { outline } from './outline.ts'
import { environmentsOf, plan, stacksOf } from './plan.ts'

test('the jobs hold every stack of an environment once, and a job changes one region', () => {
  for (const environment of environmentsOf(policies)) {
    const made = outline(policies, plan(policies, environment, { kind: 'all' }, new Set()))
    const jobs = [...made.global, ...made.dr, ...made.secondary, ...made.primary, ...made.links]
    const stacks = jobs.flatMap((job) => job.stacks)
    assert.deepEqual(
      [...stacks].sort(),
      stacksOf(policies, environment)
        .map(({ name }) => name)
        .sort(),
    )
    for (const { region, stacks } of [...made.dr, ...made.secondary, ...made.primary])
      assert.deepEqual(stacks, [`${environment}-${region}`, `${environment}-${region}-services`])
    assert.deepEqual(
      [...made.dr, ...made.secondary, ...made.primary].map(({ region }) => policies.regions[region ?? '']?.role),
      ['dr', 'secondary', 'primary'],
    )
  }
})
