import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AutoscalerSpec } from '../spec.ts'
import { milli } from '../spec.ts'
import type { Cause, ExplainedMetric } from './explain.ts'
import { type Look, replay } from './replay.ts'

const spec: AutoscalerSpec = {
  minReplicas: 2,
  maxReplicas: 10,
  behavior: {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [{ type: 'Percent', value: 50, periodSeconds: 15 }],
    },
    scaleDown: {
      stabilizationWindowSeconds: 45,
      selectPolicy: 'Max',
      policies: [{ type: 'Percent', value: 30, periodSeconds: 15 }],
    },
  },
  metrics: [
    { name: 'qps', type: 'AverageValue', target: milli(1_000) },
    { name: 'gpu_utilization', type: 'Value', target: milli(80) },
    { name: 'forecast of qps', type: 'AverageValue', target: milli(1_000) },
  ],
}
const metrics: readonly ExplainedMetric[] = [
  { name: 'qps', kind: 'share' },
  { name: 'gpu_utilization', kind: 'level' },
  { name: 'qps', kind: 'forecast' },
]
const fallback = { replicas: 4, failures: 3 }

type Values = readonly [qps: number | undefined, gpu: number | undefined, forecast: number | undefined]

/** Looks every 15 s, each with the pods that there are then. */
type Seen = readonly [pods: number, ...Values]
const looks = (...seen: readonly Seen[]): Look[] =>
  seen.map(([replicas, ...values], i) => ({ at: 15_000 * i, replicas, values }))

const last = (...seen: readonly Seen[]) => {
  const all = replay({ service: 'ml-inference', spec, metrics, fallback }, looks(...seen)).at(-1)
  assert.ok(all)
  return all
}

/** Constructed situations: what is seen, and what the true cause is. */
const situations: Readonly<
  Record<
    string,
    {
      readonly seen: readonly Seen[]
      readonly chain: readonly Cause[]
      readonly desired: number
      readonly says: string
    }
  >
> = {
  'a metric asks for more': {
    seen: [[6, 7_500, 40, 0]],
    chain: ['asked'],
    desired: 8,
    says: 'ml-inference goes from 6 to 8 pods: qps is 7,500 and a pod may have 1,000, so that it asks for 8 pods.',
  },
  'a level asks for more': {
    seen: [[4, 1_000, 99, 0]],
    chain: ['asked'],
    desired: 5,
    says: 'ml-inference goes from 4 to 5 pods: gpu_utilization is 99 and shall be 80, so that it asks for 5 pods.',
  },
  'within the tolerance': {
    seen: [[5, 5_400, 40, 0]],
    chain: ['tolerance'],
    desired: 5,
    says: 'ml-inference stays at 5 pods: qps is 5,400 and a pod may have 1,000: near enough to change nothing.',
  },
  'a recent proposal holds': {
    seen: [
      [6, 6_000, 40, 0],
      [6, 3_000, 20, 0],
    ],
    chain: ['asked', 'stabilisation'],
    desired: 6,
    says: 'ml-inference stays at 6 pods: qps is 3,000 and a pod may have 1,000, so that it asks for 3 pods, but in the last 45s 6 were asked for, and that holds.',
  },
  'one step up': {
    seen: [[2, 9_000, 90, 0]],
    chain: ['asked', 'step up'],
    desired: 3,
    says: 'ml-inference goes from 2 to 3 pods: qps is 9,000 and a pod may have 1,000, so that it asks for 9 pods, and one look may change it by 50%, so that it is 3 and not 9 yet.',
  },
  'one step down': {
    seen: [
      [10, 10_000, 40, 0],
      [10, 3_000, 20, 0],
      [10, 3_000, 20, 0],
      [10, 3_000, 20, 0],
    ],
    chain: ['asked', 'step down'],
    desired: 7,
    says: 'ml-inference goes from 10 to 7 pods: qps is 3,000 and a pod may have 1,000, so that it asks for 3 pods, and one look may change it by 30%, so that it is 7 and not 3 yet.',
  },
  'the most': {
    seen: [[10, 14_000, 70, 0]],
    chain: ['asked', 'most'],
    desired: 10,
    says: 'ml-inference stays at 10 pods: qps is 14,000 and a pod may have 1,000, so that it asks for 14 pods, but 10 is the most.',
  },
  'the least': {
    seen: [
      [2, 900, 10, 0],
      [2, 900, 10, 0],
      [2, 900, 10, 0],
      [2, 900, 10, 0],
    ],
    chain: ['asked', 'least'],
    desired: 2,
    says: 'ml-inference stays at 2 pods: qps is 900 and a pod may have 1,000, so that it asks for 1 pod, but 2 is the least.',
  },
  'a metric is missing, and the rest would shrink': {
    seen: [[6, undefined, 20, 0]],
    chain: ['missing'],
    desired: 6,
    says: 'ml-inference stays at 6 pods: qps has no answer, and while that is so the others take no pod away.',
  },
  'a metric is missing, and the rest adds': {
    seen: [[4, undefined, 100, 0]],
    chain: ['asked'],
    desired: 5,
    says: 'ml-inference goes from 4 to 5 pods: gpu_utilization is 100 and shall be 80, so that it asks for 5 pods.',
  },
  'all are missing': {
    seen: [[6, undefined, undefined, undefined]],
    chain: ['blind'],
    desired: 6,
    says: 'ml-inference stays at 6 pods: no metric has an answer, and what nobody sees changes nothing.',
  },
  'a metric is missing for long': {
    seen: [
      [3, undefined, 20, 0],
      [3, undefined, 20, 0],
      [3, undefined, 20, 0],
      [3, undefined, 20, 0],
    ],
    chain: ['fallback'],
    desired: 4,
    says: 'ml-inference goes from 3 to 4 pods: qps has had no answer for long, and KEDA stands in for it with 4 pods.',
  },
  'a metric is missing for long, and there are more than the fallback': {
    seen: [
      [7, undefined, 20, 0],
      [7, undefined, 20, 0],
      [7, undefined, 20, 0],
      [7, undefined, 20, 0],
    ],
    chain: ['fallback'],
    desired: 7,
    says: 'ml-inference stays at 7 pods: qps has had no answer for long, and KEDA stands in for it with 7 pods.',
  },
  'a forecast': {
    seen: [[4, 4_000, 60, 5_700]],
    chain: ['forecast'],
    desired: 6,
    says: 'ml-inference goes from 4 to 6 pods: the forecast of qps is 5,700 and a pod may have 1,000, so that it asks for 6 pods.',
  },
  'a forecast that the step cuts': {
    seen: [[2, 1_900, 60, 5_700]],
    chain: ['forecast', 'step up'],
    desired: 3,
    says: 'ml-inference goes from 2 to 3 pods: the forecast of qps is 5,700 and a pod may have 1,000, so that it asks for 6 pods, and one look may change it by 50%, so that it is 3 and not 6 yet.',
  },
  'a forecast that asks for no more than what is seen': {
    seen: [[4, 5_900, 60, 5_700]],
    chain: ['asked'],
    desired: 6,
    says: 'ml-inference goes from 4 to 6 pods: qps is 5,900 and a pod may have 1,000, so that it asks for 6 pods.',
  },
  'somebody set too many': {
    seen: [[14, 4_000, 60, 0]],
    chain: ['outside', 'most'],
    desired: 10,
    says: 'ml-inference goes from 14 to 10 pods: somebody had set 14, and 10 is the most.',
  },
  'somebody set too few': {
    seen: [[1, 4_000, 60, 0]],
    chain: ['outside', 'least'],
    desired: 2,
    says: 'ml-inference goes from 1 to 2 pods: somebody had set 1, and 2 is the least.',
  },
  'no pod at all': {
    seen: [[0, undefined, undefined, 0]],
    chain: ['none'],
    desired: 0,
    says: 'ml-inference stays at 0 pods: there is none, and the autoscaler begins with the first.',
  },
}

for (const [name, { seen, chain, desired, says }] of Object.entries(situations))
  test(`the true cause: ${name}`, () => {
    const explained = last(...seen)
    assert.deepEqual([explained.chain, explained.desired, explained.cause], [chain, desired, chain.at(-1)])
    assert.equal(explained.sentence, says)
  })

test('whatever is seen, the explanation has a cause, one sentence, and counts that its own reasons give', () => {
  const value = (max: number) => fc.option(fc.integer({ min: 0, max }), { nil: undefined })
  const seen = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), value(15_000), value(100), value(15_000)), {
    minLength: 1,
    maxLength: 20,
  })
  fc.assert(
    fc.property(seen, (all) => {
      const explained = replay({ service: 'a', spec, metrics, fallback }, looks(...all))
      assert.equal(explained.length, all.length)
      for (const { sentence, chain, cause, desired, pods, bounds, limit, metrics: of } of explained) {
        assert.match(sentence, /^a (stays at|goes from) .*: .*[^.]\.$/)
        assert.equal(cause, chain.at(-1))
        if (cause === 'asked' && desired > pods) assert.equal(Math.max(...of.map((one) => one.pods ?? 0)), desired)
        if (cause === 'missing' || cause === 'blind') assert.equal(desired, pods)
        if (cause === 'step up' || cause === 'step down') assert.equal(limit?.to, desired)
        if (cause === 'least') assert.equal(desired, bounds.min)
        if (cause === 'most') assert.equal(desired, bounds.max)
      }
    }),
  )
})
