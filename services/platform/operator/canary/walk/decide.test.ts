import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CanaryStatus } from '../../../../../policies/model/ml-inference.ts'
import { modelId, over } from '../desired.ts'
import { both, Callers, sound } from '../testing/traffic.ts'
import { model } from '../testing/world.ts'
import { decide } from './decide.ts'
import { type Evidence, mayShift, podsFor, type Seen, type WalkPolicy } from './seen.ts'

const second = 1_000
const policy: WalkPolicy = {
  steps: [10, 50, 100],
  intervalMs: 10 * second,
  deadlineMs: 600 * second,
  drainMs: 10 * second,
  minPods: 2,
  paused: false,
  minRequests: 50,
  maxErrorIncrease: 0.05,
  maxLatencyIncrease: 1,
  slowShare: 0.05,
  confidence: 0.95,
}
const [stable, candidate] = [model('1'), model('2')]
const replicas = 6

const callers = new Callers(1)
const of = (canary: typeof sound): Evidence => {
  const drawn = callers.call(4_000, 50, { stable: sound, canary })
  return { known: true, figures: both(drawn.stable, drawn.canary) }
}
const kinds = {
  fine: of(sound),
  open: {
    known: true,
    figures: both(
      callers.call(10, 0, { stable: sound, canary: sound }).stable,
      callers.call(10, 100, { stable: sound, canary: sound }).canary,
    ),
  },
  lost: { known: false, why: 'Prometheus did not answer.' },
  bad: of({ ...sound, errors: 0.5 }),
} as const satisfies Record<string, Evidence>

const rarely = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value })
const mostly = fc.integer({ min: 0, max: 3 }).map((n) => n > 0)

/** What may be seen at one look. Most of the time all goes well, or no walk would get far. */
const look = fc.record({
  ms: fc.integer({ min: 100, max: 30 * second }),
  canaryReady: rarely(fc.nat({ max: replicas })),
  stableReady: rarely(fc.integer({ min: 3, max: replicas })),
  settled: mostly,
  evidence: fc.oneof(
    { weight: 40, arbitrary: fc.constant('fine' as const) },
    { weight: 5, arbitrary: fc.constantFrom('open' as const, 'lost' as const) },
    { weight: 1, arbitrary: fc.constant('bad' as const) },
  ),
  /** Whether the write to the mesh gets through. */
  shifts: mostly,
  gone: fc.integer({ min: 0, max: 200 }).map((n) => n === 0),
})

test('whatever is seen: callers go to ready pods alone, pods stay while they have callers, and the deadline ends it', () => {
  const ends = new Set<string>()
  fc.assert(
    fc.property(fc.array(look, { minLength: 5, maxLength: 80 }), (looks) => {
      let state: CanaryStatus | undefined
      let [now, weight, taken] = [0, 0, false]
      const pass = (one: (typeof looks)[number]) => {
        now += one.ms
        taken ||= one.gone
        const pods = state?.pods ?? 0
        const ready = one.canaryReady === null ? pods : Math.min(one.canaryReady, pods)
        const stableReady = one.stableReady ?? replicas
        const served = state?.stable === 'candidate' ? candidate : stable
        const seen: Seen = {
          now,
          candidate: taken ? undefined : candidate,
          stable,
          replicas,
          policy,
          pods: {
            stable: {
              ready: stableReady,
              settledOn: one.settled && stableReady === replicas ? modelId(served) : undefined,
            },
            canary: { ready, settledOn: one.settled && ready === pods && pods > 0 ? modelId(candidate) : undefined },
          },
          weight,
          evidence: kinds[one.evidence],
        }
        const next = decide(state, seen)
        // Written first; the mesh hears of it in a later pass.
        if (next !== state) {
          if (state && !over(state) && next && over(next)) assert.equal(weight, 0, 'over, and callers are left')
          if (next && next.pods < podsFor(weight, seen))
            assert.ok(next.outcome || weight === 0, 'pods go before callers')
          if (state?.outcome) assert.equal(next?.outcome ?? state.outcome, state.outcome, 'an outcome changes')
          state = next
          return
        }
        const wanted = state?.weight ?? 0
        if (!one.shifts || wanted === weight || !mayShift(wanted, seen)) return
        if (wanted > weight) assert.ok(ready >= podsFor(wanted, seen), `${wanted}% on ${ready} pods`)
        else assert.ok(stableReady > 0)
        weight = wanted
      }
      for (const one of looks) pass(one)
      // From now on nothing is in its way but that nothing is known any more: the deadline and the way back end it.
      const calm = {
        ms: 30 * second,
        canaryReady: null,
        stableReady: null,
        settled: true,
        evidence: 'lost',
        shifts: true,
        gone: false,
      } as const
      for (let i = 0; i < 60 && state && !over(state); i++) pass(calm)
      assert.ok(!state || over(state), `still ${state?.phase}`)
      assert.equal(weight, 0)
      if (state) {
        assert.equal(state.pods, 0)
        assert.equal(state.stable, state.phase === 'Promoted' ? 'candidate' : 'current')
        ends.add(state.phase)
      }
    }),
    { numRuns: 1_500, seed: 11 },
  )
  assert.deepEqual([...ends].sort(), ['Aborted', 'Promoted', 'RolledBack'], 'the looks do not reach every end')
})

test('the same seen twice changes nothing the second time', () => {
  const seen = (state: CanaryStatus | undefined): Seen => ({
    now: 1_000,
    candidate,
    stable,
    replicas,
    policy,
    pods: { stable: { ready: 6, settledOn: modelId(stable) }, canary: { ready: 0, settledOn: undefined } },
    weight: state?.weight ?? 0,
    evidence: kinds.lost,
  })
  const first = decide(undefined, seen(undefined))
  const second_ = decide(first, seen(first))
  assert.equal(decide(second_, seen(second_)), second_)
})
