import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { policies } from '../../../policies/bundle.ts'
import { levelsOf, lookedAtEvery, minutesToFire, threshold } from '../../../policies/levels.ts'
import { chartScope } from '../context.ts'
import { testContext } from '../test/context.ts'
import { levelRuleFile, levelRules } from './level-rules.ts'
import { type AlertRule, ruleFile } from './rules.ts'
import { incidents, rulesOf } from './testing/incidents.ts'
import { foundPromtool, runPromtool } from './testing/promtool.ts'
import { storyFile } from './testing/story.ts'

const { levels } = policies.objectives
const judged = levelsOf(policies)
const [collector] = judged
assert.ok(collector)

test('every promise of a service is a level, and every level is counted', () => {
  const promised = Object.values(levels.of).flatMap((of) => Object.keys(of))
  assert.equal(judged.length, promised.length)
  assert.equal(collector.all('60s'), 'sum(rate(nd_http_requests_total{job="event-collector",route=~"/v1/.+"}[60s]))')
  assert.equal(
    collector.bad('60s'),
    '(sum(rate(nd_http_requests_total{job="event-collector",route=~"/v1/.+",status=~"[5][0-9]{2}"}[60s])) or 0 * sum(rate(nd_http_requests_total{job="event-collector",route=~"/v1/.+"}[60s])))',
  )
  const slow = judged.find(({ service, kind }) => service === 'correlation-engine' && kind === 'latency')
  assert.equal(
    slow?.bad('60s'),
    '(sum(rate(nd_alert_latency_seconds_count{job="correlation-engine"}[60s])) - sum(rate(nd_alert_latency_seconds_bucket{job="correlation-engine",le="0.1"}[60s])))',
  )
})

test('an alert wants both windows above its rate, and enough events', () => {
  const alerts = levelRules(collector, levels).filter((rule): rule is AlertRule => 'alert' in rule)
  assert.equal(alerts.length, levels.burns.length)
  assert.equal(
    alerts[0]?.expr,
    'nd:level_bad:share{service="event-collector",level="availability",window="1h"} > 0.0144 and on (service, level) nd:level_bad:share{service="event-collector",level="availability",window="5m"} > 0.0144 and on (service, level) sum_over_time(nd:level_bad:rate{service="event-collector",level="availability"}[1h]) * 30 >= 10',
  )
  assert.deepEqual(
    alerts.map(({ labels }) => labels.severity),
    ['page', 'page', 'ticket', 'ticket'],
  )
})

test('a region has the levels of the services that it runs', () => {
  const file = levelRuleFile(chartScope('local', testContext, policies))
  assert.match(file, /levels_event_collector/)
  assert.doesNotMatch(file, /levels_ml_inference/)
})

test('the more errors, the sooner; and the stated minute is when the window holds as many as the threshold', () => {
  const share = fc.double({ min: 0.0001, max: 1, noNaN: true })
  const before = fc.option(fc.integer({ min: 60, max: 10 * 86_400 }), { nil: undefined })
  fc.assert(
    fc.property(fc.constantFrom(...levels.burns), share, before, (burn, errors, seconds) => {
      const at = minutesToFire(burn, 0.999, errors, seconds)
      if (at === undefined) return assert.ok(errors <= threshold(burn, 0.999))
      const more = minutesToFire(burn, 0.999, Math.min(1, errors * 1.1), seconds)
      assert.ok(more !== undefined && more <= at + 1e-9)
      const long = { '1h': 60, '6h': 360, '1d': 1_440, '3d': 4_320 }[burn.long as '1h']
      const held = Math.min(long, (seconds ?? Infinity) / 60 + at)
      assert.ok(Math.abs((errors * Math.min(at, held)) / held - threshold(burn, 0.999)) < 1e-9)
    }),
  )
})

const promtool = foundPromtool()
const skip = !promtool && !process.env.CI ? 'promtool is not here; make up brings it' : false

test('the first page of a level fires, ends and stays quiet as stated', { skip }, () => {
  assert.ok(promtool, 'promtool is missing; make up brings it.')
  const [burn] = levels.burns
  assert.ok(burn)
  const stories = incidents(collector, burn, policies)
  const rules = ruleFile([rulesOf(collector, burn, levels)])
  const tests = storyFile(['rules.yaml'], stories, lookedAtEvery(levels))
  runPromtool(promtool, { 'rules.yaml': rules, 'tests.yaml': tests }, 'test', 'rules', 'tests.yaml')
})
