import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { policies } from '../../policies/bundle.ts'
import type { Decision } from '../../services/common/autoscaling/decision.ts'
import { milli } from '../../services/common/autoscaling/spec.ts'
import { modes } from './foresight.ts'
import { Load, scaledTo } from './load.ts'
import { type Plan, planOf } from './plan.ts'
import { Queue } from './queue.ts'
import { simulate } from './simulate.ts'

const plan: Plan = {
  policy: 'made_up',
  spec: {
    minReplicas: 2,
    maxReplicas: 10,
    metrics: [{ name: 'qps', type: 'AverageValue', target: milli(1_000) }],
    behavior: { scaleDown: { stabilizationWindowSeconds: 120 } },
  },
  windows: [60],
  unknown: [],
  startup: 45,
  scrape: 5,
  quantile: 0.9,
  limits: policies.objectives.scaling.prediction,
  predicts: false,
}
const pod = { capacity: 1_100, startup: 90 } as const
const flat = (...parts: [rate: number, minutes: number][]) => ({
  perSecond: Float64Array.from(parts.flatMap(([rate, minutes]) => new Array<number>(minutes).fill(rate))),
})

test('a step up is an overload until the loop has seen it and the pods have started', () => {
  const { figures, ready } = simulate(flat([1_500, 10], [4_000, 10]), plan, { ...pod, mode: 'reactive' })
  // Seen at 615 s: a sixth of the window, 1,917 per second, within the tolerance; at 630 s 2,542: 3 pods, ready at 720 s;
  // at 645 s 3,167, within the tolerance of 3; at 660 s 3,792: 4 pods, ready at 750 s.
  assert.deepEqual([...ready.slice(9, 14)], [2, 2, 2, 3, 4])
  assert.equal(figures.overload_minutes, 3)
  assert.equal(figures.max_replicas, 4)
  const excess = (4_000 - 2_200) * 120 + (4_000 - 3_300) * 30
  assert.equal(figures.excess_request_share, excess / (1_500 * 600 + 4_000 * 600))
})

test('what comes above the capacity waits at the pods and is answered when there are enough', () => {
  const pods = { ...pod, mode: 'reactive' } as const
  const { longestWait } = simulate(flat([1_500, 10], [4_000, 10]), plan, pods)
  const waiting = (4_000 - 2_200) * 120 + (4_000 - 3_300) * 30
  assert.equal(longestWait, ((4_000 - 2_200) * 120) / 2_200, 'before the first new pod')
  assert.ok(waiting / 4_400 < longestWait)
  assert.equal(simulate(flat([1_500, 10]), plan, pods).longestWait, 0)
})

test('law: nothing gets lost in the queue', () => {
  const stretch = fc.record({ demand: fc.nat(100), serving: fc.nat(5), seconds: fc.integer({ min: 1, max: 30 }) })
  fc.assert(
    fc.property(fc.array(stretch), (stretches) => {
      const queue = new Queue(10)
      let [asked, mostAnswered] = [0, 0]
      for (const { demand, serving, seconds } of stretches) {
        queue.pass(demand, serving, seconds)
        asked += demand * seconds
        mostAnswered += serving * 10 * seconds
        assert.ok(queue.waiting >= Math.max(0, asked - mostAnswered) - 1e-6 && queue.waiting <= asked)
      }
      queue.pass(0, 1, asked)
      assert.equal(queue.waiting, 0)
    }),
  )
})

test('the oracle has the pods ready when the step comes', () => {
  const { figures } = simulate(flat([1_500, 10], [4_000, 10]), plan, { ...pod, mode: 'oracle' })
  assert.deepEqual([figures.overload_minutes, figures.excess_request_share, figures.scale_events], [0, 0, 1])
})

test('pod hours count pods that start, and the way down waits for its window', () => {
  const { figures, replicas } = simulate(flat([4_000, 10], [1_000, 10]), plan, { ...pod, mode: 'reactive' })
  // 4 is last recommended at 615 s and 3 at 630 s: each goes 120 s later.
  assert.deepEqual([...replicas.slice(9, 13)], [4, 4, 4, 2])
  assert.equal(figures.scale_events, 3)
  assert.equal(figures.pod_hours, (2 * 15 + 4 * 720 + 3 * 15 + 2 * 450) / 3_600)
})

test('a minute that nobody recorded asks nothing, and changes nothing while its metric is missing', () => {
  const decisions: Decision[] = []
  const trace = flat([4_000, 10], [Number.NaN, 10], [1_000, 5])
  const { figures, replicas } = simulate(trace, plan, {
    ...pod,
    mode: 'reactive',
    onDecision: (decision) => decisions.push(decision),
  })
  assert.deepEqual([...replicas.slice(12, 20)], new Array(8).fill(4))
  assert.equal(decisions.find(({ at }) => at === 800_000 - (800_000 % 15_000))?.outcome.kind, 'blocked')
  assert.equal(figures.overload_minutes, 2, 'only at the beginning')
})

test('a row compiles to what the cluster runs', () => {
  const { spec, windows, unknown } = planOf(policies, 'ml_inference')
  assert.deepEqual([spec.minReplicas, spec.maxReplicas, windows], [2, 10, [60]])
  assert.deepEqual(spec.metrics, [{ name: 'qps', type: 'AverageValue', target: 1_000_000 }])
  assert.ok(unknown.includes('gpu_utilization'))
  assert.throws(() => planOf(policies, 'ml-inference'), { code: 'NO_POLICY', message: /give one of ml_inference, / })
  assert.throws(() => planOf(policies, 'hot_sink'), { code: 'NOT_SIMULATED' })
})

test('scaled to a peak, the shape stays', () => {
  assert.deepEqual([...scaledTo(100, flat([1, 1], [4, 1], [Number.NaN, 1])).perSecond], [25, 100, Number.NaN])
  assert.deepEqual([...scaledTo(100, flat([0, 2])).perSecond], [0, 0])
})

const rates = fc.array(fc.oneof({ weight: 9, arbitrary: fc.nat(9_500) }, fc.constant(Number.NaN)), { maxLength: 60 })

test('law: the mean over minutes is their mean, whatever the window', () => {
  fc.assert(
    fc.property(rates, fc.nat(3_600), fc.integer({ min: 1, max: 600 }), (perSecond, from, length) => {
      const load = new Load({ perSecond: Float64Array.from(perSecond) })
      const known = Array.from({ length }, (_, i) => perSecond[Math.floor((from + i) / 60)]).filter(
        (rate) => rate !== undefined && !Number.isNaN(rate),
      ) as number[]
      const mean = load.mean(from, from + length)
      if (known.length === 0) assert.equal(mean, undefined)
      else assert.ok(Math.abs((mean as number) - known.reduce((a, b) => a + b) / known.length) < 1e-6)
    }),
  )
})

test('law: bounds hold, the oracle is never overloaded where reactive is not, and overload and excess go together', () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 0, max: 400 }), (perSecond, startup) => {
      const trace = { perSecond: Float64Array.from(perSecond) }
      const [reactive, , oracle] = modes.map((mode) => simulate(trace, plan, { capacity: 1_100, startup, mode }))
      for (const { figures, replicas, ready } of [reactive, oracle] as NonNullable<typeof oracle>[]) {
        assert.equal(figures.overload_minutes > 0, figures.excess_request_share > 0)
        for (const [minute, count] of replicas.entries()) {
          assert.ok(count >= plan.spec.minReplicas && count <= plan.spec.maxReplicas)
          assert.ok((ready[minute] as number) <= figures.max_replicas)
        }
      }
      assert.ok((oracle?.figures.overload_minutes ?? 0) <= (reactive?.figures.overload_minutes ?? 0))
    }),
    { numRuns: 60 },
  )
})
