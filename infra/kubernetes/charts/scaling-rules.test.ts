import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricQuery } from '../../../policies/autoscaling.ts'
import { policies } from '../../../policies/bundle.ts'
import { scaling } from '../../../policies/scaling.ts'
import { labelled } from '../../../policies/series.ts'
import { services } from '../../../policies/services.ts'
import { chartScope } from '../context.ts'
import { foundPromtool, runPromtool } from '../monitoring/testing/promtool.ts'
import { testContext } from '../test/context.ts'
import { prometheusConfiguration, ruleFiles } from './prometheus.ts'
import { scalingRuleFile, scalingRules } from './scaling-rules.ts'

const scope = chartScope('local', testContext, policies)

test('the seed’s row becomes these rules', () => {
  const rules = scalingRules('ml_inference', scaling.ml_inference, services['ml-inference'].metrics, 45)
  const pods = 'nd:scaling_pods{service="ml-inference"}'
  const qps = '{service="ml-inference",metric="qps"}'
  const expressions = rules.map(({ record, expr, labels }) => [
    [record, labels.metric, labels.by].filter((one) => one !== undefined).join(' '),
    expr,
  ])
  assert.deepEqual(
    expressions.map(([name]) => name),
    [
      'nd:scaling_pods',
      ...['qps', 'queue_depth', 'gpu_utilization'].flatMap((metric) => [
        `nd:scaling_metric ${metric}`,
        `nd:scaling_ratio ${metric}`,
        `nd:scaling_proposal ${metric}`,
      ]),
      'nd:scaling_forecast_proposal qps forecast',
      'nd:scaling_recommendation',
      'nd:scaling_desired_replicas',
    ],
  )
  assert.deepEqual(Object.fromEntries(expressions.slice(0, 4)), {
    'nd:scaling_pods': 'sum(up{job="ml-inference"})',
    'nd:scaling_metric qps': metricQuery('ml-inference', services['ml-inference'].metrics.qps, '60s'),
    'nd:scaling_ratio qps': `nd:scaling_metric${qps} / on (service) (${pods} > 0) / 1000`,
    'nd:scaling_proposal qps': `(${pods} and on (service) abs(nd:scaling_ratio${qps} - 1) <= 0.1) or on (service) ceil(nd:scaling_metric${qps} / 1000)`,
  })
  const foretold = 'nd_forecast_value{service="ml-inference",metric="qps",mode="preview"}'
  assert.equal(
    Object.fromEntries(expressions)['nd:scaling_forecast_proposal qps forecast'],
    `ceil(sum(max by (model) (${foretold})) / 1000)`,
  )
  assert.match(rules.at(-1)?.expr ?? '', /max_over_time\(.*\[45s\]\).*, 2, 10\)$/)
})

test('each kind of metric has its query', () => {
  const young =
    's{job="a"} / on (job, instance) group_left () (clamp_min(time() - process_start_time_seconds{job="a"}, 60) < 90)'
  const rate = 'rate(s{job="a"}[60s])'
  assert.equal(
    metricQuery('a', { kind: 'rate', series: 's' }, '60s'),
    `sum(((${young}) > (${rate}) or (${rate})) or ${young})`,
  )
  assert.equal(metricQuery('a', { kind: 'average', series: 's' }, '5m'), 'avg(avg_over_time(s{job="a"}[5m]))')
  assert.equal(metricQuery('a', { kind: 'sum', series: 's' }, '1h'), 'sum(avg_over_time(s{job="a"}[1h]))')
})

const promtool = foundPromtool()
const skip = !promtool && !process.env.CI ? 'promtool is not here; make up brings it' : false

function run(files: Readonly<Record<string, string>>, ...args: string[]): void {
  assert.ok(promtool, 'promtool is missing; make up brings it.')
  runPromtool(promtool, files, ...args)
}

test('Prometheus reads the configuration and the rules', { skip }, () => {
  const { rule_files: _, ...configuration } = JSON.parse(prometheusConfiguration(scope))
  const rules = ruleFiles(scope)
  run(rules, 'check', 'rules', ...Object.keys(rules))
  run({ 'prometheus.yaml': JSON.stringify(configuration) }, 'check', 'config', '--syntax-only', 'prometheus.yaml')
})

/** Pods of the collector and what each of them sees. */
interface Situation {
  readonly pods: number
  /** Requests per second over all pods. Absent: no series. */
  readonly qps?: number
  readonly utilization?: number
  readonly desired: number
}

const collector = { job: 'event-collector' }
const series = ({ pods, qps, utilization = qps === undefined ? undefined : 0.01 }: Situation) =>
  Array.from({ length: pods }, (_, i) => ({ ...collector, instance: `${i}` })).flatMap((labels) => [
    { series: labelled('up', labels), values: '1x20' },
    ...(qps === undefined
      ? []
      : [{ series: labelled('nd_http_requests_total', labels), values: `0+${(qps / pods) * 15}x20` }]),
    ...(qps === undefined && utilization === undefined
      ? []
      : [{ series: labelled('nd_queue_depth', labels), values: '0x20' }]),
    ...(utilization === undefined
      ? []
      : [{ series: labelled('nd_utilization_ratio', labels), values: `${utilization}x20` }]),
  ])

const situations: Record<string, Situation> = {
  'at the threshold nothing changes': { pods: 4, qps: 1_600, desired: 4 },
  'within a tenth of it nothing changes': { pods: 4, qps: 1_750, desired: 4 },
  'beyond that a pod is added': { pods: 4, qps: 1_800, desired: 5 },
  'far above it one step is at most the factor': { pods: 4, qps: 100_000, desired: 7 },
  'and two pods gain two': { pods: 2, qps: 100_000, desired: 4 },
  'far below it one step keeps at least 0.7': { pods: 10, qps: 10, desired: 7 },
  'two pods can become one': { pods: 2, qps: 10, desired: 1 },
  'never below the least': { pods: 1, qps: 0, desired: 1 },
  'never above the most': { pods: 14, qps: 100_000, desired: 16 },
  'the highest dimension wins': { pods: 4, qps: 10, utilization: 0.84, desired: 5 },
  'where one is missing the others take nothing away': { pods: 4, utilization: 0.07, desired: 4 },
  'but they add': { pods: 4, utilization: 0.84, desired: 5 },
  'what is not measured stays as it is': { pods: 3, desired: 3 },
}

test('the replicas that follow from what is measured', { skip }, () => {
  const tests = Object.entries(situations).map(([name, situation]) => ({
    name,
    interval: '15s',
    input_series: series(situation),
    promql_expr_test: [
      {
        expr: 'nd:scaling_desired_replicas{service="event-collector"}',
        eval_time: '4m',
        exp_samples: [{ labels: 'nd:scaling_desired_replicas{service="event-collector"}', value: situation.desired }],
      },
    ],
  }))
  const file = JSON.stringify({ rule_files: ['rules.yaml'], evaluation_interval: '15s', tests })
  run({ 'rules.yaml': scalingRuleFile(scope), 'tests.yaml': file }, 'test', 'rules', 'tests.yaml')
})

/** A counter and its process of one pod from minute 2 on, when Prometheus first asks it 15 s after it began, of 100 requests a second in all. */
const lateScrape = (values: string, began: string) => [
  { series: labelled('s', { job: 'a', instance: '0' }), values: '0+500x24 12000+250x40' },
  { series: labelled('process_start_time_seconds', { job: 'a', instance: '0' }), values: '-1000x64' },
  { series: labelled('s', { job: 'a', instance: '1' }), values },
  { series: labelled('process_start_time_seconds', { job: 'a', instance: '1' }), values: began },
]

test('what a new pod had counted before Prometheus asked it first is not missed', { skip }, () => {
  const expr = metricQuery('a', { kind: 'rate', series: 's' }, '60s')
  /** Of the 100 that there are it may be some more or fewer: samples lie up to 5 s apart. */
  const near = `(${expr} > bool 95) * (${expr} < bool 105)`
  const at = (seconds: number, expr = near) => ({
    expr,
    eval_time: `${seconds}s`,
    exp_samples: [{ labels: '{}', value: 1 }],
  })
  const tests = [
    {
      name: 'it begins at 120 s with half of the load, and is asked from 135 s on',
      interval: '5s',
      input_series: lateScrape('_x26 750+250x37', '_x26 120x37'),
      promql_expr_test: [110, 140, 150, 165, 180, 195, 200, 215, 240].map((second) => at(second)),
    },
    {
      name: 'its process begins again at 200 s: what it had counted before counts too',
      interval: '5s',
      input_series: lateScrape('_x26 750+250x12 50+250x23', '_x26 120x12 199x23'),
      promql_expr_test: [220, 240, 290].map((second) => at(second)),
    },
    {
      name: 'where nobody tells when a process began, it is the plain rate',
      interval: '5s',
      input_series: lateScrape('_x26 750+250x37', '_x64'),
      promql_expr_test: [at(110), at(165, `${expr} < bool 92`), at(240)],
    },
  ]
  const file = JSON.stringify({ rule_files: ['none.yaml'], evaluation_interval: '5s', tests })
  run({ 'none.yaml': '{"groups":[]}', 'tests.yaml': file }, 'test', 'rules', 'tests.yaml')
})
