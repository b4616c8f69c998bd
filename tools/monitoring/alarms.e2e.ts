import { before, test } from 'node:test'
import { ruleFiles } from '../../infra/kubernetes/charts/prometheus.ts'
import { chartScope } from '../../infra/kubernetes/context.ts'
import { alarmStories } from '../../infra/kubernetes/monitoring/testing/alarm-stories.ts'
import { runPromtool } from '../../infra/kubernetes/monitoring/testing/promtool.ts'
import { storyFile } from '../../infra/kubernetes/monitoring/testing/story.ts'
import { fullContext } from '../../infra/kubernetes/test/context.ts'
import { policies } from '../../policies/bundle.ts'
import type { AlarmName } from '../../policies/model/monitoring.ts'
import { ensure } from '../engine/ensure.ts'
import { places } from '../region/context.ts'

// Of a region that runs everything.
const scope = chartScope('local', fullContext, policies)
const files = Object.fromEntries(
  ['scaling.rules.yaml', 'alarms.rules.yaml'].map((name) => [name, ruleFiles(scope)[name] ?? '']),
)

let promtool: string
before(async () => {
  promtool = (await ensure(['prometheus'], { cacheRoot: places().cacheRoot })).bin('promtool')
})

for (const name of Object.keys(policies.monitoring.alarms) as AlarmName[])
  test(`${name} fires at its minute and stays quiet otherwise`, () => {
    const tests = storyFile(Object.keys(files), alarmStories(scope, name), 15)
    runPromtool(promtool, { ...files, 'tests.yaml': tests }, 'test', 'rules', 'tests.yaml')
  })
