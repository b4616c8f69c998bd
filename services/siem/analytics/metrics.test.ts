import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMetrics } from '../../common/metrics/metrics.ts'
import { analyticsMetrics } from './metrics.ts'

test('lookups in the caches are counted from nought: a dashboard has its lines before the first question', async () => {
  const metrics = createMetrics({ process: false })
  const own = analyticsMetrics(metrics, { running: 0, waiting: 0, tenants: 0 }, 1)
  const lines = async () =>
    (await metrics.text()).split('\n').filter((line) => line.startsWith('nd_cache_requests_total'))
  const of = (level: string, result: string, count: number) =>
    `nd_cache_requests_total{level="${level}",result="${result}"} ${count}`
  assert.deepEqual(await lines(), [of('L1', 'hit', 0), of('L1', 'miss', 0), of('L2', 'hit', 0), of('L2', 'miss', 0)])
  own.cacheRequest('L2', 'hit')
  assert.ok((await lines()).includes(of('L2', 'hit', 1)))
})
