import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricQuery } from '../../policies/autoscaling.ts'
import { policies } from '../../policies/bundle.ts'
import { replay } from '../../services/common/autoscaling/explain/replay.ts'
import { watched } from '../../services/platform/forecaster/why/watched.ts'
import { momentOf } from './main.ts'
import { asCounted, asItRuns, deaf, type Hpa, lines, quantity, type ScaledObject, said, unseen } from './objects.ts'

const { scaling, services, objectives } = policies
const row = scaling.ml_inference
const graph = services['ml-inference']
assert.ok(row && graph)
const of = watched('ml_inference', row, graph, objectives, { min: 2, max: 10 })

const gpus = 'nd_gpu_utilization_percent'
const object: ScaledObject = {
  metadata: { name: 'threat-detection', namespace: 'ngfw' },
  spec: {
    triggers: [
      {
        metadata: {
          query: metricQuery('ml-inference', { kind: 'rate', series: 'nd_inference_requests_total' }, '60s', {
            model: 'threats',
          }),
        },
      },
      { metadata: { query: `avg(avg_over_time(${gpus}{job="ml-inference",inference="threat-detection"}[300s]))` } },
    ],
    fallback: { failureThreshold: 3, replicas: 5 },
  },
  status: {
    hpaName: 'keda-hpa-threat-detection',
    health: { 's0-prometheus': { numberOfFailures: 7, status: 'Failing' } },
  },
}
const hpa: Hpa = {
  spec: {
    minReplicas: 3,
    maxReplicas: 6,
    // The order of an HPA's metrics is KEDA's affair.
    metrics: [
      { external: { metric: { name: 's1-prometheus' }, target: { value: '80' } } },
      { external: { metric: { name: 's0-prometheus' }, target: { averageValue: '1k' } } },
    ],
  },
  status: {
    currentReplicas: 4,
    desiredReplicas: 5,
    conditions: [{ type: 'ScalingLimited', status: 'False', reason: 'DesiredWithinRange', message: 'fine' }],
  },
}

test('what runs goes before what the policy says: bounds, targets and queries are the objects’', () => {
  const runs = asItRuns(of, object, hpa)
  assert.deepEqual(
    runs.metrics.map(({ name, kind }) => [name, kind]),
    [
      ['gpu_utilization', 'level'],
      ['qps', 'share'],
    ],
  )
  assert.deepEqual(
    runs.spec.metrics.map(({ type, target }) => [type, target]),
    [
      ['Value', 80_000],
      ['AverageValue', 1_000_000],
    ],
  )
  assert.deepEqual([runs.spec.minReplicas, runs.spec.maxReplicas, runs.fallback?.replicas], [3, 6, 5])
  assert.match(runs.queries[1] ?? '', /model="threats"/)
})

test('now the HPA itself counts the pods, and its conditions stand beside the sentence', () => {
  const runs = asItRuns(of, object, hpa)
  const look = asCounted({ at: 0, replicas: 3, values: [40, 4_700] }, hpa)
  const [explained] = replay(runs, [look])
  assert.ok(explained)
  const text = lines(explained, said(object, hpa))
  assert.match(text[0] ?? '', /^ml-inference goes from 4 to 5 pods: qps is 4,700 and a pod may have 1,000/)
  assert.ok(text.some((line) => line.includes('ScalingLimited DesiredWithinRange: fine')))
  assert.deepEqual(said(object, hpa).failing, { 's0-prometheus': 7 })
  assert.match(lines(explained, undefined)[1] ?? '', /no autoscaler for it/)
})

test('a forecast is one where the resource says so and the row does not', () => {
  assert.ok(!of.metrics.some(({ kind }) => kind === 'forecast'), 'the row scales by forecasts: take another')
  const series = 'nd_forecast_value{service="ml-inference",metric="qps",model="threats"}'
  const query = `sum(max by (model) (${series})) or vector(0)`
  const metric = (name: string) => ({ external: { metric: { name }, target: { averageValue: '1k' } } })
  const runs = asItRuns(
    of,
    { ...object, spec: { ...object.spec, triggers: [...object.spec.triggers, { metadata: { query } }] } },
    { spec: { ...hpa.spec, metrics: [metric('s0-prometheus'), metric('s2-prometheus')] } },
  )
  const [explained] = replay(runs, [{ at: 0, replicas: 3, values: [2_800, 4_000] }])
  assert.deepEqual([explained?.cause, explained?.metric], ['forecast', { name: 'qps', kind: 'forecast' }])
})

test('an autoscaler without an answer, though Prometheus has one, is blind', () => {
  const runs = asItRuns(of, object, hpa)
  const says = (status: string): Hpa => ({
    ...hpa,
    status: { ...hpa.status, conditions: [{ type: 'ScalingActive', status, reason: 'FailedGetExternalMetric' }] },
  })
  const cause = (seen: number | undefined, status: string) => {
    const [explained] = replay(runs, [{ at: 0, replicas: 4, values: [40, seen] }])
    assert.ok(explained)
    return deaf(explained, says(status))
      ? replay(runs, unseen(runs, undefined, says(status), 0)).at(-1)?.cause
      : explained.cause
  }
  assert.equal(cause(4_000, 'True'), 'tolerance')
  assert.equal(cause(4_000, 'False'), 'blind')
  // One that is missing is reason enough.
  assert.equal(cause(undefined, 'False'), 'missing')
})

test('without Prometheus the objects say what there is, and whether KEDA stands in', () => {
  const runs = asItRuns(of, object, hpa)
  const fallback = (status: string): ScaledObject => ({
    ...object,
    status: { ...object.status, conditions: [{ type: 'Fallback', status }] },
  })
  const explained = (status: string) => replay(runs, unseen(runs, fallback(status), hpa, 0)).at(-1)
  assert.deepEqual([explained('False')?.cause, explained('False')?.pods], ['blind', 4])
  // At least five, as the object says.
  assert.deepEqual([explained('True')?.cause, explained('True')?.desired], ['fallback', 5])
  assert.deepEqual(unseen(runs, object, { spec: hpa.spec }, 0), [])
  assert.match(lines(explained('True')!, said(object, hpa), 'refused')[1] ?? '', /could not be asked: refused/)
})

test('quantities of metrics, and moments', () => {
  assert.deepEqual(['800m', '1k', '32', '1.5k'].map(quantity), [0.8, 1_000, 32, 1_500])
  assert.throws(() => quantity('1Ki'), /no quantity/)
  const now = Date.parse('2026-11-28T18:00:00Z')
  assert.equal(momentOf({ ago: '10m' }, now), now - 600_000)
  assert.equal(momentOf({ at: '2026-11-28T17:00:00Z' }, now), now - 3_600_000)
  assert.throws(() => momentOf({ ago: 'soon' }, now), /10m/)
  assert.throws(() => momentOf({ at: '2027-01-01T00:00:00Z' }, now), /past moment/)
  assert.throws(() => momentOf({ at: 'x', ago: '1m' }, now), /not both/)
})
