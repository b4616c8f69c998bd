import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMetrics, latencyBuckets } from './metrics.ts'

test('utilisation is a ratio, asked for at each scrape', async () => {
  const metrics = createMetrics({ process: false })
  for (const _ of [1, 2]) {
    const [, value] = /^nd_utilization_ratio (\S+)$/m.exec(await metrics.text()) ?? []
    assert.ok(Number(value) >= 0 && Number(value) <= 1, value)
  }
})

test('gauges that read, counters and histograms show in Prometheus’ text', async () => {
  const metrics = createMetrics({ process: false })
  metrics.gauge('nd_queue_depth', 'help', { read: async () => 7 })
  metrics.counter('nd_errors_total', 'help', ['reason']).inc({ reason: 'X' })
  metrics.histogram('nd_d_seconds', 'help', latencyBuckets(0.1)).observe(0.09)
  const text = await metrics.text()
  assert.match(text, /^nd_queue_depth 7$/m)
  assert.match(text, /^nd_errors_total\{reason="X"\} 1$/m)
  assert.match(text, /^nd_d_seconds_bucket\{le="0\.1"\} 1$/m)
})

test('the objective is a bucket boundary, and the buckets rise', () => {
  for (const objective of [0.1, 0.25, 10]) {
    const buckets = latencyBuckets(objective)
    assert.ok(buckets.includes(objective))
    assert.deepEqual(
      buckets,
      [...new Set(buckets)].sort((a, b) => a - b),
    )
  }
})
