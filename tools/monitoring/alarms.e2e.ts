import { before, test } from 'node:test'
import { scalingRuleFile } from '../../infra/kubernetes/charts/scaling-rules.ts'
import { chartScope } from '../../infra/kubernetes/context.ts'
import { alarmRules } from '../../infra/kubernetes/monitoring/alarms.ts'
import { ruleFile } from '../../infra/kubernetes/monitoring/rules.ts'
import { alarmStories } from '../../infra/kubernetes/monitoring/testing/alarm-stories.ts'
import { runPromtool } from '../../infra/kubernetes/monitoring/testing/promtool.ts'
import { storyFile } from '../../infra/kubernetes/monitoring/testing/story.ts'
import { fullContext } from '../../infra/kubernetes/test/context.ts'
import { policies } from '../../policies/bundle.ts'
import { changed } from '../../policies/checks/testing/change.ts'
import type { AlarmName } from '../../policies/model/monitoring.ts'
import { ensure } from '../engine/ensure.ts'
import { places } from '../region/context.ts'

// Of a region that runs everything, and lets forecasts scale.
const scope = chartScope('local', fullContext, changed({ 'scaling.ml_inference.prediction.mode': 'on' }))
const rules = alarmRules(scope)

/** The rules of one alarm, with what the scaling matrix records where it asks for that: the others would only take time. */
const filesOf = (name: AlarmName): Readonly<Record<string, string>> => {
  const own = rules.filter(({ alert }) => alert === name)
  const scaling = own.some(({ expr }) => expr.includes('nd:scaling'))
  return {
    'alarm.yaml': ruleFile([{ name: 'alarm', rules: own }]),
    ...(scaling ? { 'scaling.yaml': scalingRuleFile(scope) } : {}),
  }
}

let promtool: string
before(async () => {
  promtool = (await ensure(['prometheus'], { cacheRoot: places().cacheRoot })).bin('promtool')
})

for (const name of Object.keys(policies.monitoring.alarms) as AlarmName[])
  test(`${name} fires at its minute and stays quiet otherwise`, () => {
    const files = filesOf(name)
    const tests = storyFile(Object.keys(files), alarmStories(scope, name), 15)
    runPromtool(promtool, { ...files, 'tests.yaml': tests }, 'test', 'rules', 'tests.yaml')
  })
