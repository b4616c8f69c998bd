import { before, test } from 'node:test'
import { ruleFile } from '../../infra/kubernetes/monitoring/rules.ts'
import { incidents, rulesOf } from '../../infra/kubernetes/monitoring/testing/incidents.ts'
import { runPromtool } from '../../infra/kubernetes/monitoring/testing/promtool.ts'
import { storyFile } from '../../infra/kubernetes/monitoring/testing/story.ts'
import { policies } from '../../policies/bundle.ts'
import { levelsOf, lookedAtEvery } from '../../policies/levels.ts'
import { ensure } from '../engine/ensure.ts'
import { places } from '../region/context.ts'

const { levels } = policies.objectives

let promtool: string
before(async () => {
  promtool = (await ensure(['prometheus'], { cacheRoot: places().cacheRoot })).bin('promtool')
})

for (const level of levelsOf(policies))
  test(`${level.service}, ${level.kind}: each alert fires within its minutes, ends, and is quiet otherwise`, () => {
    for (const burn of levels.burns) {
      const stories = incidents(level, burn, policies)
      const files = {
        'rules.yaml': ruleFile([rulesOf(level, burn, levels)]),
        'tests.yaml': storyFile(['rules.yaml'], stories, lookedAtEvery(levels)),
      }
      runPromtool(promtool, files, 'test', 'rules', 'tests.yaml')
    }
  })
