import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { traffic } from '../../../../policies/traffic.ts'
import { type JudgePolicy, judge, quantileMs, type Verdict } from './judge.ts'
import { compare } from './statistics/e-process.ts'
import { compareLatencies, pairsOf } from './statistics/latency.ts'
import { add, type Behaviour, both, Callers, nothing, sound } from './testing/traffic.ts'

const { judged, canaryWeight, further } = traffic.canary
const policy: JudgePolicy = { ...judged, steps: 1 + further.length }

/** A candidate at one share, looked at after every `every` requests until it is judged or `most` requests of its own are over. */
function watch(
  seed: number,
  canary: Behaviour,
  options: { readonly most: number; readonly every?: number; readonly weight?: number; readonly only?: 'worse' },
) {
  const { most, every = 500, weight = canaryWeight, only } = options
  const callers = new Callers(seed)
  const [stable, candidate] = [nothing(), nothing()]
  let verdict: Verdict | undefined
  while (candidate.requests < most) {
    const counted = callers.call(every, weight, { stable: sound, canary })
    add(stable, counted.stable)
    add(candidate, counted.canary)
    verdict = judge(both(stable, candidate), policy)
    if (verdict.is === 'worse' || (only === undefined && verdict.is === 'fine')) break
  }
  return { verdict: verdict as Verdict, requests: candidate.requests }
}

test('sound candidates are not sent away, though they are looked at again and again', () => {
  // As bad as allowed, to the brim, is the hardest case.
  const brim: Behaviour = { ...sound, errors: sound.errors + policy.maxErrorIncrease }
  const sent = (canary: Behaviour, runs: number) =>
    Array.from({ length: runs }, (_, i) => watch(i, canary, { most: 1_000, only: 'worse' })).filter(
      ({ verdict }) => verdict.is === 'worse',
    ).length
  // At one of `steps` shares, so the whole walk has no more than steps times as much.
  const allowed = (1 - policy.confidence) / policy.steps
  assert.ok(sent(brim, 40) / 40 <= allowed)
  assert.ok(sent(sound, 40) / 40 <= allowed)
})

test('errors alone: thousands of candidates at the brim, 60 looks each', () => {
  const threshold = Math.log((2 * policy.steps) / (1 - policy.confidence))
  let [sent, fine] = [0, 0]
  const runs = 4_000
  for (let run = 0; run < runs; run++) {
    const { stable, canary } = binomials(run, 60)
    const evidence = stable.map((s, i) => compare(s, canary[i]!, policy.maxErrorIncrease))
    if (evidence.some(({ worse }) => worse >= threshold)) sent++
    if (evidence.some(({ fine }) => fine >= Math.log(1 / (1 - policy.confidence)))) fine++
  }
  assert.ok(sent / runs <= (1 - policy.confidence) / (2 * policy.steps), `${sent} of ${runs}`)
  assert.ok(fine / runs <= 1 - policy.confidence, `${fine} of ${runs}`)
})

/** Trials at the brim, added up over looks of 1,000 requests of which the canary has a tenth. */
function binomials(seed: number, looks: number) {
  const callers = new Callers(seed + 1_000_000)
  const rate = 0.005
  const [stable, canary] = [
    { trials: 0, hits: 0 },
    { trials: 0, hits: 0 },
  ]
  const rows = { stable: [] as (typeof stable)[], canary: [] as (typeof canary)[] }
  for (let look = 0; look < looks; look++) {
    stable.trials += 900
    stable.hits += callers.hits(900, rate)
    canary.trials += 100
    canary.hits += callers.hits(100, rate + policy.maxErrorIncrease)
    rows.stable.push({ ...stable })
    rows.canary.push({ ...canary })
  }
  return rows
}

for (const [name, behaviour, within] of [
  ['5% errors instead of 0.5%', { ...sound, errors: 0.05 }, 2_000],
  ['twice as slow', { ...sound, medianMs: 2 * sound.medianMs }, 600],
  ['every second answer an error', { ...sound, errors: 0.5 }, 100],
] as const)
  test(`a bad candidate is sent away within ${within} of its requests: ${name}`, () => {
    for (let seed = 0; seed < 40; seed++) {
      const { verdict, requests } = watch(seed, behaviour, { most: within + 1_000, every: 200 })
      assert.equal(verdict.is, 'worse', `${seed}: ${verdict.message}`)
      assert.ok(requests <= within, `${seed}: ${requests}`)
    }
  })

test('a sound candidate is found fine within 6,000 of its requests, one without errors within 1,200', () => {
  for (let seed = 0; seed < 20; seed++) {
    const plain = watch(seed, sound, { most: 6_000, every: 1_000 })
    assert.equal(plain.verdict.is, 'fine', `${seed}: ${plain.verdict.message}`)
  }
  const none = { ...sound, errors: 0 }
  for (let seed = 0; seed < 20; seed++) {
    const callers = new Callers(seed)
    const { stable, canary } = callers.call(13_000, canaryWeight, { stable: none, canary: none })
    assert.equal(judge(both(stable, canary), policy).is, 'fine')
  }
})

test('under its null the mean of the evidence is at most 1, over all outcomes', () => {
  const [n, m] = [40, 15]
  const binomial = (k: number, of: number, p: number): number => {
    let ln = 0
    for (let i = 0; i < k; i++) ln += Math.log((of - i) / (k - i))
    return Math.exp(ln + (k === 0 ? 0 : k * Math.log(p)) + (k === of ? 0 : (of - k) * Math.log(1 - p)))
  }
  for (const [p, by] of [
    [0.001, 0.01],
    [0.05, 0.05],
    [0.3, 0.1],
    [0.6, 0.02],
  ] as const) {
    let [worse, fine] = [0, 0]
    for (let a = 0; a <= n; a++)
      for (let b = 0; b <= m; b++) {
        const chance = binomial(a, n, p) * binomial(b, m, p + by)
        const evidence = compare({ trials: n, hits: a }, { trials: m, hits: b }, by)
        worse += chance * Math.exp(evidence.worse)
        fine += chance * Math.exp(evidence.fine)
      }
    assert.ok(worse <= 1 + 1e-9 && fine <= 1 + 1e-9, `${p} + ${by}: ${worse} ${fine}`)
    assert.ok(worse > 0.01 && fine > 0.01)
  }
})

const trials = fc
  .tuple(fc.nat({ max: 5_000 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([n, share]) => ({ trials: n, hits: Math.round(n * share) }))
const margin = fc.double({ min: 0.001, max: 0.5, noNaN: true })

test('evidence for one side is never evidence for the other', () => {
  fc.assert(
    fc.property(trials, trials, margin, (stable, canary, m) => {
      const { worse, fine } = compare(stable, canary, m)
      assert.ok(Number.isFinite(worse) && Number.isFinite(fine))
      // The mixture never beats the greatest likelihood, so at least one of them says nothing.
      assert.ok(Math.min(worse, fine) <= 1e-9, `${worse} ${fine}`)
    }),
  )
})

test('an error more of a candidate that looks worse never makes it look better', () => {
  fc.assert(
    fc.property(trials, trials, margin, (stable, canary, m) => {
      const base = compare(stable, canary, m)
      if (canary.hits < canary.trials) {
        const more = compare(stable, { ...canary, hits: canary.hits + 1 }, m)
        // While the evidence is against harm, one more error may first show that the prior guessed badly.
        if (base.worse > 0) assert.ok(more.worse >= base.worse - 1e-6)
      }
    }),
  )
})

test('without requests nothing is known', () => {
  const { worse, fine } = compare({ trials: 0, hits: 0 }, { trials: 0, hits: 0 }, 0.01)
  assert.ok(Math.abs(worse) < 1e-9 && Math.abs(fine) < 1e-9)
  assert.equal(judge(both(nothing(), nothing()), policy).is, 'open')
})

test('the evidence is the one of the definition, summed up by hand for small counts', () => {
  // Likelihood of 1 of 2 and 0 of 1, mixed by the prior, by the middle rule over the rates.
  const stable = { trials: 1, hits: 0 }
  const canary = { trials: 2, hits: 2 }
  const { worse } = compare(stable, canary, 0.1)
  // Null: p + 0.1 for the canary, p for the stable subset; (1-p)(p+0.1)² is greatest at its bound.
  const null_ = Math.max(...Array.from({ length: 9_001 }, (_, i) => (1 - i / 10_000) * (i / 10_000 + 0.1) ** 2))
  const moment = (a: number, b: number, of: 'p²' | '1-p') =>
    of === 'p²' ? (a * (a + 1)) / ((a + b) * (a + b + 1)) : b / (a + b)
  const mixed =
    ((moment(0.5, 0.5, 'p²') + moment(0.5, 200, 'p²')) / 2) * ((moment(0.5, 0.5, '1-p') + moment(0.5, 200, '1-p')) / 2)
  assert.ok(Math.abs(worse - Math.log(mixed / null_)) < 1e-6, `${worse}`)
})

test('pairs of bounds are at least as far apart as is allowed, also where milliseconds are cut off', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 3_000 })),
      fc.double({ min: 1, max: 3, noNaN: true }),
      (some, ratio) => {
        const bounds = some.sort((a, b) => a - b)
        for (const [i, j] of pairsOf(bounds, ratio)) {
          assert.ok(bounds[j]! >= ratio * bounds[i]! - 1e-9)
          assert.ok(bounds[j]! + 1 >= ratio * (bounds[i]! + 1) - 1e-9)
        }
      },
    ),
  )
})

test('histograms with other bounds than each other say nothing', () => {
  const one = { bounds: [1, 2, 4], within: [0, 0, 500], total: 1_000 }
  const { worse, fine } = compareLatencies(one, { bounds: [1, 3, 9], within: [0, 0, 0], total: 1_000 }, 1.5, 0.05)
  assert.deepEqual([worse, fine], [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])
})

test('a sentence has both rates and both counts', () => {
  const stable = { ...nothing(), requests: 9_000, errors: 45 }
  const canary = { ...nothing(), requests: 1_000, errors: 50 }
  const { message, is } = judge(both(stable, canary), policy)
  assert.equal(is, 'worse')
  assert.equal(
    message,
    '5% of 1000 requests failed at the candidate, 0.5% of 9000 at the stable subset: more than 1% above it.',
  )
})

test('a quantile is the bound that holds it', () => {
  const latencies = { bounds: [1, 5, 10], within: [10, 90, 99], total: 100 }
  assert.deepEqual(
    [0.5, 0.99, 0.999].map((q) => quantileMs(latencies, q)),
    [5, 10, undefined],
  )
})
