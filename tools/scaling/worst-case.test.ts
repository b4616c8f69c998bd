import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { behavior, loop } from '../../policies/autoscaling.ts'
import { policies } from '../../policies/bundle.ts'
import {
  type ScalingLoop,
  scalingLoop,
  scalingTimes,
  stabilisationOf,
  worstDown,
  worstUp,
} from '../../policies/scaling-times.ts'
import { Autoscaler } from '../../services/common/autoscaling/autoscaler.ts'
import { type Behavior, milli } from '../../services/common/autoscaling/spec.ts'

const target = 1_000
const whole = (percent: number): number => percent / 100

/** A row as the checks let it through: factors of whole per cents, a metric that counts work, perhaps a level that ends at all of it. */
const rows = fc
  .record({
    min: fc.integer({ min: 1, max: 4 }),
    more: fc.integer({ min: 1, max: 30 }),
    up: fc.integer({ min: 105, max: 400 }).map(whole),
    down: fc.integer({ min: 10, max: 95 }).map(whole),
    window: fc.constantFrom(10, 30, 60, 120),
    level: fc.option(
      fc.record({ window: fc.constantFrom(30, 60, 120, 300), highest: fc.double({ min: 1.05, max: 4, noNaN: true }) }),
    ),
    startup: fc.integer({ min: 1, max: 90 }),
  })
  .map(({ min, more, up, down, window, level, startup }): ScalingLoop => {
    const count = { name: 'qps', share: true, window, highest: Number.POSITIVE_INFINITY }
    return {
      min,
      max: min + more,
      metrics: [count, ...(level ? [{ name: 'utilization', share: false, ...level }] : [])],
      factors: { scale_up_factor: up, scale_down_factor: down },
      scrape: 5,
      startup,
    }
  })

const hpa = ({ min, max, metrics, factors }: ScalingLoop, stabilisation: number): Autoscaler =>
  new Autoscaler(
    {
      minReplicas: min,
      maxReplicas: max,
      behavior: behavior(factors, stabilisation) as Behavior,
      metrics: metrics.map(({ name, share }) => ({
        name,
        type: share ? 'AverageValue' : 'Value',
        target: milli(target),
      })),
    },
    { tolerance: loop.tolerance },
  )

const percent = (factor: number): number => Math.round(factor * 100)

test('whatever is measured, one look steps by no more than the factors', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(undefined))
  const looks = fc.array(fc.tuple(value, value, fc.integer({ min: 15_000, max: 20_000 })), { maxLength: 60 })
  fc.assert(
    fc.property(rows, looks, (of, all) => {
      const scaler = hpa(of, stabilisationOf(of, 300))
      let [at, pods] = [0, of.min]
      for (const [work, level, later] of all) {
        const seen = [work, level].map((one) => (one === undefined ? { missing: 'not measured' } : milli(one * target)))
        const { desired } = scaler.decide({ at, replicas: pods, existing: pods, ready: pods, values: seen })
        const [up, down] = [percent(of.factors.scale_up_factor), percent(of.factors.scale_down_factor)]
        assert.ok(desired * 100 < pods * up + 100 + 1e-6, `${pods} → ${desired}`)
        assert.ok(desired * 100 > pods * down - 100 - 1e-6, `${pods} → ${desired}`)
        assert.ok(desired >= of.min && desired <= of.max)
        at += later
        pods = desired
      }
    }),
  )
})

/** What stands in a window so many seconds after a step from `before` to `after`. */
const windowed = (since: number, window: number, before: number, after: number): number =>
  before + (after - before) * Math.min(1, Math.max(0, since / window))

test('no jump of the load takes longer than the worst case, whenever the HPA looks and Prometheus asks', () => {
  const jump = fc.record({
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    to: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(1), fc.constant(20)),
    phase: fc.integer({ min: 1, max: loop.syncSeconds }),
    lag: fc.double({ min: 0, max: 5, noNaN: true }),
  })
  fc.assert(
    fc.property(rows, jump, (of, { from, to, phase, lag }) => {
      const [count] = of.metrics
      assert.ok(count)
      const scaler = hpa({ ...of, metrics: [count] }, 60)
      const before = from * of.min
      const after = of.min + to * (of.max - of.min)
      const bound = worstUp(of, count.window).seconds
      let [pods, last] = [of.min, 0]
      for (let at = phase; at < 2 * bound + 100; at += loop.syncSeconds) {
        const value = milli(target * windowed(at - lag, count.window, before, after))
        const { desired } = scaler.decide({
          at: at * 1_000,
          replicas: pods,
          existing: pods,
          ready: pods,
          values: [value],
        })
        if (desired > pods) last = at + of.startup
        pods = desired
      }
      assert.ok(pods >= Math.min(of.max, after / (1 + loop.tolerance)), `${pods} pods of ${after}`)
      assert.ok(last <= bound + 1e-6, `${last}s, at most ${bound}s`)
    }),
  )
})

test('no end of a load takes longer than the worst case', () => {
  const end = fc.record({
    work: fc.double({ min: 0.5, max: 50, noNaN: true }),
    level: fc.double({ min: 0, max: 1, noNaN: true }),
    phase: fc.integer({ min: 1, max: loop.syncSeconds }),
    lag: fc.double({ min: 0, max: 5, noNaN: true }),
  })
  fc.assert(
    fc.property(rows, end, (of, { work, level, phase, lag }) => {
      const stabilisation = stabilisationOf(of, 300)
      const scaler = hpa(of, stabilisation)
      const bound = worstDown(of, stabilisation).seconds
      let [pods, done] = [of.max, 0]
      for (let at = phase - 600; at < 2 * bound + 100; at += loop.syncSeconds) {
        const values = of.metrics.map(({ share, window, highest }) =>
          milli(target * windowed(at - lag, window, share ? work * of.max : Math.max(1, highest * level), 0)),
        )
        const { desired } = scaler.decide({
          at: (at + 600) * 1_000,
          replicas: pods,
          existing: pods,
          ready: pods,
          values,
        })
        if (at <= 0) continue
        if (desired !== pods) done = at
        pods = desired
      }
      assert.equal(pods, of.min)
      assert.ok(done <= bound, `${done}s, at most ${bound}s`)
    }),
  )
})

test('the bound is reached: nothing in it is there for safety alone', () => {
  const of: ScalingLoop = {
    min: 2,
    max: 10,
    metrics: [{ name: 'qps', share: true, window: 60, highest: Number.POSITIVE_INFINITY }],
    factors: { scale_up_factor: 1.5, scale_down_factor: 0.7 },
    scrape: 5,
    startup: 30,
  }
  const scaler = hpa(of, 60)
  let [pods, last] = [2, 0]
  // A look just before all is seen: the ninth pod has to wait for the next one.
  for (let at = 4.5; at < 200; at += loop.syncSeconds) {
    const value = milli(target * windowed(at - of.scrape, 60, 0, 8.85))
    const { desired } = scaler.decide({ at: at * 1_000, replicas: pods, existing: pods, ready: pods, values: [value] })
    if (desired > pods) last = at + of.startup
    pods = desired
  }
  assert.equal(pods, 9)
  const bound = worstUp(of, 60).seconds
  assert.ok(last <= bound && last > bound - 5, `${last}s of ${bound}s`)
})

test('every row keeps its promise in every environment, from the counts that it has there', () => {
  for (const environment of Object.keys(policies.environments))
    for (const row of Object.keys(policies.scaling)) {
      const times = scalingTimes(policies, row, environment)
      assert.ok(times?.up && times.up.seconds <= 120, `${row} in ${environment}`)
      assert.ok(times.down.seconds <= 300, `${row} in ${environment}`)
      assert.ok(times.stabilisation >= 2 * loop.syncSeconds)
    }
})

test('a factor that never takes a pod away takes for ever, and is told', () => {
  const of = scalingLoop(policies, policies.scaling.ml_inference!, policies.services['ml-inference']!)
  for (const scale_down_factor of [1, 1.7])
    assert.equal(
      worstDown({ ...of, factors: { ...of.factors, scale_down_factor } }, 60).seconds,
      Number.POSITIVE_INFINITY,
    )
})
