import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { policies } from '../../policies/bundle.ts'
import { dashboardOf } from './dashboard.ts'
import { main } from './main.ts'
import { asPromql } from './panel.ts'
import { dashboardPlans, serviceOfPlan } from './plans.ts'

const plans = dashboardPlans(policies)

test('every service that Prometheus scrapes has a dashboard, and it shows what an operator asks first', () => {
  const scraped = policies.services.prometheus?.calls
    .filter(({ port }) => port === 'admin')
    .map(({ service }) => service)
  assert.deepEqual(plans.map(serviceOfPlan).sort(), scraped?.toSorted())
  // Nobody asks the forecaster for anything: it has figures of its own.
  for (const { uid, rows } of plans.filter((plan) => serviceOfPlan(plan) !== 'forecaster')) {
    const titles = rows.flatMap(({ panels }) => panels.map(({ title }) => title))
    for (const wanted of ['QPS', 'P50, P95, P99', 'Utilisation', 'Errors', 'Queue depth', 'Replicas'])
      assert.ok(titles.includes(wanted), `${uid} lacks '${wanted}'`)
  }
})

test('what is scaled shows why it has as many pods, and what is foreseen', () => {
  for (const row of Object.keys(policies.scaling)) {
    const plan = plans.find((one) => serviceOfPlan(one) === row.replaceAll('_', '-'))
    const titles = plan?.rows.flatMap(({ panels }) => panels.map(({ title }) => title)) ?? []
    assert.deepEqual(
      ['Reasons', 'Load of a pod', 'Metrics and forecast'].filter((title) => !titles.includes(title)),
      [],
      row,
    )
  }
})

test('what is foretold shows what it says, how well, whether it may count, and what failed', () => {
  const panels = plans.find((plan) => serviceOfPlan(plan) === 'forecaster')?.rows.flatMap((row) => row.panels) ?? []
  const queries = (title: string) =>
    panels.find((panel) => panel.title === title)?.queries.map(({ expr }) => expr) ?? []
  assert.deepEqual(queries('Forecast of qps').slice(1), [
    'max by (model) (nd_forecast_mean{service="ml-inference",metric="qps"})',
    'max by (model) (nd_forecast_covered{service="ml-inference",metric="qps"})',
    'max by (model) (nd_forecast_value{service="ml-inference",metric="qps"})',
  ])
  assert.match(
    queries('Loss of qps').join(),
    /nd_forecast_loss\{[^}]*of="best"\}.*nd_forecast_loss\{[^}]*of="persistence"\}/,
  )
  assert.match(queries('Gate of qps').join(), /by \(state, mode, model\) \(nd_forecast_gate/)
  assert.match(queries('Failures').join(), /nd_forecast_failures_total/)
  const [row] = Object.entries(policies.scaling).filter(([, one]) => one.prediction)
  assert.ok(row)
  const off = { ...policies, scaling: { [row[0]]: { ...row[1], prediction: { mode: 'off' as const, quantile: 0.9 } } } }
  const without = dashboardPlans(off).find((plan) => serviceOfPlan(plan) === 'forecaster')
  assert.ok(!without?.rows.some(({ title }) => title.includes('qps')))
})

test('a dashboard names its queries and panels once, and asks the region that somebody chose', () => {
  for (const plan of plans) {
    const { panels = [], templating } = dashboardOf(plan)
    assert.deepEqual(
      templating?.list?.map(({ name }) => name),
      ['datasource'],
    )
    const ids = panels.map((panel) => panel.id)
    assert.equal(new Set(ids).size, ids.length)
    for (const panel of panels) {
      if (panel.type === 'row' || !('targets' in panel)) continue
      const targets = panel.targets as unknown as readonly {
        refId: string
        expr: string
        datasource: { uid: string }
      }[]
      assert.deepEqual(
        targets.map(({ refId }) => refId),
        ['A', 'B', 'C', 'D', 'E'].slice(0, targets.length),
      )
      for (const { expr, datasource } of targets) {
        assert.equal(datasource.uid, '$datasource')
        assert.doesNotMatch(asPromql(expr), /\$|undefined|\{%\}/)
      }
    }
  }
})

test('the command writes a file for each, and says what it lacks', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nd-dashboards-'))
  const said: string[] = []
  t.mock.method(console, 'error', (text: string) => said.push(text))
  t.mock.method(console, 'log', () => {})
  try {
    assert.equal(main(['--out', folder]), 0)
    assert.deepEqual(readdirSync(folder).sort(), plans.map(({ uid }) => `${uid}.json`).sort())
    assert.equal(main([]), 2)
    assert.match(said[0] ?? '', /--out is missing.*usage/s)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
