import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../policies/bundle.ts'
import { outline } from './outline.ts'
import { environmentsOf, plan, stacksOf } from './plan.ts'

test('the jobs hold every stack of an environment once, and a job changes one region, from inside it', () => {
  for (const environment of environmentsOf(policies)) {
    const { waves, jobs } = outline(policies, plan(policies, environment, { kind: 'all' }, new Set()))
    assert.deepEqual(jobs, Object.values(waves).flat())
    const names = stacksOf(policies, environment).map(({ name }) => name)
    assert.deepEqual(jobs.flatMap(({ stacks }) => stacks).toSorted(), names.toSorted())
    for (const { region, role, runner, stacks } of jobs) {
      assert.equal(role, `nd-${environment}-ci-deploy-${region ?? 'global'}`)
      const from = stacks.includes(`${environment}-links`) ? waves.primary[0]?.region : region
      assert.equal(runner, from && `nd-${environment}-${from}-runner`)
      if (region) assert.deepEqual(stacks, [`${environment}-${region}`, `${environment}-${region}-services`])
    }
    for (const role of ['dr', 'secondary', 'primary'] as const)
      for (const { region } of waves[role]) assert.equal(policies.regions[region ?? '']?.role, role)
  }
})
