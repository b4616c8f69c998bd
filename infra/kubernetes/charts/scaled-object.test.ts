import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricQuery } from '../../../policies/autoscaling.ts'
import { services } from '../../../policies/services.ts'
import { find, manifestsOf } from '../test/manifests.ts'

test('KEDA gets the row of a service as shares and levels', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
  const { spec } = find(manifestsOf('prod'), 'ScaledObject siem/event-collector') as any
  assert.equal(spec.minReplicaCount, 2, 'where high availability binds, no service has one pod')
  assert.equal(spec.maxReplicaCount, 16)
  assert.deepEqual(
    spec.triggers.map((t: { metricType: string; metadata: { threshold: string; query: string } }) => [
      t.metricType,
      t.metadata.threshold,
      t.metadata.query,
    ]),
    [
      ['AverageValue', '400', metricQuery('event-collector', services['event-collector'].metrics.qps, '60s')],
      ['AverageValue', '5000', 'sum(avg_over_time(nd_queue_depth{job="event-collector"}[60s]))'],
      ['Value', '0.7', 'avg(avg_over_time(nd_utilization_ratio{job="event-collector"}[60s]))'],
    ],
  )
  const { behavior } = spec.advanced.horizontalPodAutoscalerConfig
  assert.deepEqual(behavior.scaleUp, {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 60, periodSeconds: 15 }],
  })
  assert.deepEqual(behavior.scaleDown, {
    stabilizationWindowSeconds: 150,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 30, periodSeconds: 15 }],
  })
})

test('a metric that is missing is no zero, and a trigger that fails takes no pod away', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
  const { spec } = find(manifestsOf('prod'), 'ScaledObject siem/event-collector') as any
  assert.ok(
    spec.triggers.every((one: { metadata: Record<string, string> }) => one.metadata.ignoreNullValues === 'false'),
  )
  assert.deepEqual(spec.fallback, { failureThreshold: 3, replicas: 2, behavior: 'currentReplicasIfHigher' })
  assert.equal(spec.idleReplicaCount, undefined)
})

test('where nobody scales there is no such object', () => {
  assert.ok(![...manifestsOf('local').keys()].some((key) => key.startsWith('ScaledObject')))
})

test('the model service is scaled through its own resource, whose operator makes the object', () => {
  assert.ok(![...manifestsOf('prod').keys()].some((key) => key.startsWith('ScaledObject ngfw/')))
})
