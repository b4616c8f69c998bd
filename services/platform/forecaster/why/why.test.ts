import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../../policies/bundle.ts'
import { createMetrics } from '../../../common/metrics/metrics.ts'
import type { StepSource } from '../follower.ts'
import { causeMetric, whyRoutes } from './api.ts'
import { watchedRows } from './explanations.ts'
import { watched } from './watched.ts'
import { looksOf } from './why.ts'

const row = { ...policies.scaling.ml_inference, prediction: { mode: 'on', quantile: 0.9 } } as const
const of = watched('ml_inference', row as never, policies.services['ml-inference'] as never, policies.objectives, {
  min: 2,
  max: 10,
})

/** A history by expression: a value at a moment, milliseconds. */
const history = (values: Readonly<Record<string, (at: number) => number | undefined>>): StepSource => ({
  async steps(expression, { from, to, step }) {
    const read = Object.entries(values).find(([part]) => expression.includes(part))?.[1]
    const samples: [number, number][] = []
    for (let at = from; at <= to; at += step) {
      const value = read?.(at)
      if (value !== undefined) samples.push([at / 1_000, value])
    }
    return samples.length === 0 ? [] : [{ labels: {}, samples }]
  },
})

const seen = (change: Parameters<typeof history>[0] = {}) =>
  history({
    'nd:scaling_pods': () => 4,
    nd_inference_requests_total: () => 3_900,
    nv_inference_pending_request_count: () => 0,
    nd_gpu_utilization_percent: () => 60,
    nd_forecast_value: () => 0,
    ...change,
  })

const exchange = (query: string) =>
  ({
    url: new URL(`https://host/v1/why?${query}`),
    signal: new AbortController().signal,
    request: { socket: { authorized: true, getPeerCertificate: () => ({ subject: { CN: 'x' } }) } },
  }) as never

const now = Date.parse('2026-11-28T18:00:00Z')
const ask = async (source: StepSource, query: string) =>
  whyRoutes([of], source, () => now)['GET /v1/why']?.(exchange(query))

test('a row is explained by the queries, targets and bounds that KEDA gets', () => {
  assert.deepEqual(
    of.metrics.map(({ name, kind }) => [name, kind]),
    [
      ['qps', 'share'],
      ['queue_depth', 'share'],
      ['gpu_utilization', 'level'],
      ['qps', 'forecast'],
    ],
  )
  assert.deepEqual(
    of.spec.metrics.map(({ target }) => target),
    [1_000_000, 32_000, 80_000, 1_000_000],
  )
  assert.equal(of.queries.length, 4)
  assert.deepEqual([of.spec.minReplicas, of.spec.maxReplicas, of.fallback?.replicas], [2, 10, 4])
})

test('now, at a past minute, and of nobody', async () => {
  // Ten minutes ago there were twice as many requests.
  const then = now - 600_000
  const source = seen({ nd_inference_requests_total: (at) => (at <= then ? 7_800 : 3_900) })
  const body = async (query: string) =>
    ((await ask(source, query)) as { body: { cause: string; desired: number } }).body
  assert.deepEqual((({ cause, desired }) => [cause, desired])(await body('service=ml-inference')), ['tolerance', 4])
  assert.deepEqual(
    (({ cause, desired }) => [cause, desired])(await body(`service=ml-inference&at=${new Date(then).toISOString()}`)),
    ['step up', 6],
  )
  await assert.rejects(ask(source, 'service=nobody'), /one that is scaled: ml-inference/)
  await assert.rejects(ask(source, 'service=ml-inference&at=tomorrow'), /must be a past moment/)
  await assert.rejects(ask(seen({ 'nd:scaling_pods': () => undefined }), 'service=ml-inference'), /knows of no pods/)
})

test('a metric that Prometheus lost is missing first, and then stood in for', async () => {
  const lost = (since: number) =>
    ask(seen({ nd_inference_requests_total: (at) => (at > now - since ? undefined : 3_900) }), 'service=ml-inference')
  const chain = async (since: number) => ((await lost(since)) as { body: { chain: string[] } }).body.chain
  assert.deepEqual(await chain(15_000), ['missing'])
  assert.deepEqual(await chain(30_000), ['fallback'])
})

test('a look at which nobody counted pods has those that somebody else knows of, or is left out', async () => {
  const unscraped = seen({ 'nd:scaling_pods': () => undefined })
  const looks = (count?: number) => looksOf(of, now, unscraped, new AbortController().signal, count)
  assert.deepEqual(await looks(), [])
  assert.ok((await looks(5)).length > 1 && (await looks(5)).every(({ replicas }) => replicas === 5))
  const known = await looksOf(of, now, seen(), new AbortController().signal, 5)
  assert.ok(known.every(({ replicas }) => replicas === 4))
})

test('the metric names one cause of each service, and none while Prometheus does not answer', async () => {
  const metrics = createMetrics({ process: false })
  let source = seen({ nd_forecast_value: () => 5_700 })
  const { look } = causeMetric(metrics, [of], { steps: (...asked) => source.steps(...asked) })
  const lines = async () => (await metrics.text()).split('\n').filter((line) => line.startsWith('nd_scaling_cause'))
  const cause = ['nd_scaling_cause{service="ml-inference",cause="forecast"} 1']
  await look(now, new AbortController().signal)
  assert.deepEqual(await lines(), cause)
  // While the next look is under way a scrape sees the last one.
  const answer = Promise.withResolvers<[]>()
  source = { steps: () => answer.promise }
  const looking = look(now, new AbortController().signal)
  assert.deepEqual(await lines(), cause)
  answer.resolve([])
  await looking
  assert.deepEqual(await lines(), [])
  source = seen({ nd_forecast_value: () => 5_700 })
  await look(now, new AbortController().signal)
  assert.deepEqual(await lines(), cause)
  source = { steps: () => Promise.reject(new Error('Prometheus did not answer.')) }
  await assert.rejects(look(now, new AbortController().signal))
  assert.deepEqual(await lines(), [])
})

test('every row is explained by the bounds of its environment', () => {
  const bounds = (environment: string) =>
    watchedRows(environment).map(({ service, spec }) => [service, spec.minReplicas, spec.maxReplicas])
  assert.deepEqual(bounds('prod'), [
    ['ml-inference', 2, 10],
    ['event-collector', 2, 16],
    ['hot-sink', 2, 8],
    ['analytics', 2, 8],
  ])
  assert.deepEqual(bounds('local')[1], ['event-collector', 1, 16])
})
