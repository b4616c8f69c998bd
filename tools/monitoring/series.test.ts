import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ruleFiles } from '../../infra/kubernetes/charts/prometheus.ts'
import { chartScope } from '../../infra/kubernetes/context.ts'
import { fullContext } from '../../infra/kubernetes/test/context.ts'
import { forecastSeries } from '../../policies/autoscaling.ts'
import { policies } from '../../policies/bundle.ts'
import { createMetrics } from '../../services/common/metrics/metrics.ts'
import { sinkMetrics } from '../../services/siem/hot-sink/metrics.ts'
import { dashboardPlans } from '../dashboards/plans.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** What the sink's metrics are called is put together; all others stand in the sources as they are. */
function sinkSeries(): string[] {
  const scales = { blockSeconds: 1, ageSeconds: 1 }
  const readings = { lag: async () => 0, events: () => 0, bytes: () => 0 }
  return (['events', 'alerts'] as const).flatMap((of) => {
    const metrics = createMetrics({ process: false })
    sinkMetrics(metrics, of, scales, readings)
    return metrics.registry.getMetricsAsArray().map(({ name }) => name)
  })
}

const written = globSync(['services/**/*.ts', 'infra/local/clickhouse/*.ts'], { cwd: root })
  .filter((file) => !/\.(test|e2e)\.ts$|testing\//.test(file))
  .flatMap((file) => [...readFileSync(`${root}/${file}`, 'utf8').matchAll(/['`](nd_[a-z0-9_]+)['`]/g)].map((m) => m[1]))

// The forecaster takes its series' name from the policies, as who asks for it does.
const exported = new Set([...written, ...sinkSeries(), forecastSeries])

const plain = (series: string): string => series.replace(/_(bucket|count|sum)$/, '')

const asked = (text: string): string[] => [...text.matchAll(/\bnd_[a-z0-9_]+/g)].map(([name]) => name)

test('every series that a rule or a dashboard asks for is exported by somebody', () => {
  const rules = Object.values(ruleFiles(chartScope('local', fullContext, policies))).join('\n')
  const queries = dashboardPlans(policies).flatMap(({ rows }) =>
    rows.flatMap(({ panels }) => panels.flatMap((panel) => panel.queries.map(({ expr }) => expr))),
  )
  const wanted = new Set([...asked(rules), ...queries.flatMap(asked)])
  assert.ok(wanted.size > 25)
  assert.deepEqual([...wanted].filter((name) => !exported.has(name) && !exported.has(plain(name))).sort(), [])
})
