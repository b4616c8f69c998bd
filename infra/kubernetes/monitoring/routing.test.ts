import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { prometheusConfiguration } from '../charts/prometheus.ts'
import { chartScope } from '../context.ts'
import { cloudContext, testContext } from '../test/context.ts'
import { alarmRules } from './alarms.ts'
import { alertmanagerConfiguration } from './routing.ts'

const { monitoring, objectives } = policies
const configuration = alertmanagerConfiguration(monitoring)

test('every urgency has a route and a receiver, whose key is a file', () => {
  const { route, receivers } = JSON.parse(configuration)
  const urgencies = new Set([
    ...Object.values(monitoring.alarms).map(({ urgency }) => urgency),
    ...objectives.levels.burns.map(({ urgency }) => urgency),
  ])
  assert.deepEqual(
    route.routes.map(({ matchers }: { matchers: string[] }) => matchers),
    [...urgencies].sort().map((urgency) => [`severity="${urgency}"`]),
  )
  assert.deepEqual(
    receivers.map(({ name }: { name: string }) => name),
    ['nobody', 'page', 'ticket'],
  )
  const [, page, ticket] = receivers
  assert.equal(page.pagerduty_configs[0].routing_key_file, '/etc/neurodefender/receivers/page')
  assert.equal(ticket.slack_configs[0].api_url_file, '/etc/neurodefender/receivers/ticket')
})

test('an alarm calls whom its policy says, and waits as long', () => {
  const rules = alarmRules(chartScope('local', testContext, policies))
  assert.deepEqual(
    new Set(rules.map(({ alert }) => alert)),
    new Set(Object.keys(monitoring.alarms)).difference(new Set(['OperatorWithoutLeader', 'ForecasterOff'])),
  )
  const down = rules.filter(({ alert }) => alert === 'ServiceDown')
  assert.ok(down.length >= 6)
  for (const { labels, for: after } of down) assert.deepEqual([labels.severity, after], ['page', '2m'])
})

test('Prometheus tells Alertmanager where there is one', () => {
  const of = (environment: 'local' | 'prod', context: typeof testContext) =>
    JSON.parse(prometheusConfiguration(chartScope(environment, context, policies)))
  assert.equal(of('local', testContext).alerting, undefined)
  const [alertmanager] = of('prod', cloudContext).alerting.alertmanagers
  assert.equal(alertmanager.scheme, 'https')
  assert.equal(alertmanager.tls_config.server_name, 'alertmanager')
  assert.deepEqual(alertmanager.dns_sd_configs[0].names, ['alertmanager-headless.monitoring.svc.cluster.local.'])
})
