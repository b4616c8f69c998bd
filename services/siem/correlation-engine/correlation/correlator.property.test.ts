import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Correlator } from './correlator.ts'
import type { Detection } from './detection.ts'
import type { CorrelatorOptions } from './options.ts'
import type { CorrelationRule } from './rule.ts'
import { correlations, delayed, matches } from './testing/generated.ts'
import { occurrencesOf, type PlainMatch, reportedOf } from './testing/reference.ts'
import { joinedKey, valueKey } from './values.ts'

const lateness = 20_000
const options = (eager: boolean): CorrelatorOptions => ({
  limits: { groups: 1_000, eventsPerGroup: 1_000, eventsPerTenant: 10_000, evidence: 1_000, chained: 1_000 },
  lateness,
  step: 1_000,
  idle: 3_600_000,
  eager,
})
const observe = (correlator: Correlator, { fields, ...match }: PlainMatch): readonly Detection[] =>
  correlator.observe({ ...match, field: (name) => fields[name] })

const run = (rules: readonly CorrelationRule[], arriving: readonly PlainMatch[], eager: boolean): Detection[] => {
  const correlator = new Correlator(rules, options(eager))
  return [...arriving.flatMap((match) => observe(correlator, match)), ...correlator.finish()]
}

const shape = ({ rule, tenant, group, end }: Detection): string =>
  JSON.stringify([rule.id, tenant, joinedKey(Object.values(group).map(valueKey)), end])
const sorted = (lines: readonly string[]): string[] => [...lines].sort()

const expected = (rules: readonly CorrelationRule[], all: readonly PlainMatch[], end?: number): string[] => {
  const occurrences = occurrencesOf(rules, all, end)
  return sorted(
    rules.flatMap((rule, at) =>
      rule.reported
        ? reportedOf(rule, occurrences[at] ?? []).map(({ tenant, key, time }) =>
            JSON.stringify([rule.id, tenant, key, time]),
          )
        : [],
    ),
  )
}

const delays = fc.array(fc.nat(lateness - 1_000), { maxLength: 20 })
const runs = { numRuns: 400 }

test('settled in order of time, it finds what the slow reference finds, in whatever order matches arrive', () => {
  fc.assert(
    fc.property(correlations, matches, delays, (rules, all, of) => {
      const found = run(rules, delayed(all, of, lateness - 1_000), false)
      assert.deepEqual(sorted(found.map(shape)), expected(rules, all))
    }),
    runs,
  )
})

test('by the arrival clock too, with snapshots in between, and windows end in which nothing more happens', () => {
  fc.assert(
    fc.property(
      correlations,
      matches,
      delays,
      fc.nat(lateness - 1_000),
      fc.array(fc.nat(100), { maxLength: 3 }),
      (rules, all, of, slow, cuts) => {
        let correlator = new Correlator(rules, options(false))
        const found: Detection[] = []
        const arriving = delayed(all, of, slow)
        let clock = 1_000_000
        for (const [at, match] of arriving.entries()) {
          // As late as the latest of those before it, so that the order stays.
          for (const arrival = Math.max(clock, match.time + slow); clock < arrival; clock += 500)
            found.push(...correlator.advance(clock))
          found.push(...correlator.advance(clock), ...observe(correlator, match))
          if (!cuts.includes(at)) continue
          const snapshot = correlator.snapshot()
          correlator = new Correlator(rules, options(false))
          assert.deepEqual(correlator.restore(snapshot), [])
          assert.deepEqual(correlator.snapshot(), snapshot)
        }
        // Longer than two windows, one after the other, and what may come late.
        for (const last = clock + 100_000; clock < last; clock += 500) found.push(...correlator.advance(clock))
        const told = found.length
        found.push(...correlator.finish(Number.POSITIVE_INFINITY))
        assert.deepEqual(sorted(found.map(shape)), expected(rules, all, Number.POSITIVE_INFINITY))
        for (const { rule } of found.slice(told))
          assert.notEqual(rule.condition.kind, 'absences', 'it was told at the end alone')
      },
    ),
    runs,
  )
})

test('the evidence is what the reference names', () => {
  fc.assert(
    fc.property(correlations, matches, (rules, all) => {
      const occurrences = occurrencesOf(rules, all).flat()
      for (const detection of run(rules, all, false)) {
        const same = occurrences.find(
          ({ rule, tenant, key, time }) => JSON.stringify([rule, tenant, key, time]) === shape(detection),
        )
        assert.ok(same)
        assert.ok(detection.events.length > 0)
        assert.equal(new Set(detection.events).size, detection.events.length)
        assert.deepEqual(sorted(detection.events), sorted(same.events))
      }
    }),
    runs,
  )
})

test('firing at once, it fires only where the condition holds, and every time of the reference is within a detection', () => {
  fc.assert(
    fc.property(correlations, matches, delays, (rules, all, of) => {
      const found = run(rules, delayed(all, of, lateness - 1_000), true)
      const occurrences = occurrencesOf(rules, all)
      const known = new Set(
        occurrences.flat().map(({ rule, tenant, key, time }) => JSON.stringify([rule, tenant, key, time])),
      )
      // A child that fires at once may hand on less evidence than it has in the end: only then a parent sees other groups.
      const chained = rules.length > 1
      for (const detection of found)
        if (!chained || detection.rule.inputs.every(({ from }) => from.kind === 'rule'))
          assert.ok(known.has(shape(detection)), shape(detection))
      for (const [at, rule] of rules.entries()) {
        if (!rule.reported || rule.inputs.some(({ from }) => from.kind !== 'rule')) continue
        for (const { tenant, key, time } of occurrences[at] ?? [])
          assert.ok(
            found.some(
              (one) =>
                one.rule === rule &&
                one.tenant === tenant &&
                joinedKey(Object.values(one.group).map(valueKey)) === key &&
                Math.abs(one.end - time) <= rule.timespan,
            ),
          )
      }
    }),
    runs,
  )
})

test('firing at once, windows of the detections of a group share no event', () => {
  fc.assert(
    fc.property(correlations, matches, delays, (rules, all, of) => {
      const groups = Map.groupBy(run(rules, delayed(all, of, lateness - 1_000), true), ({ rule, tenant, group }) =>
        JSON.stringify([rule.id, tenant, Object.values(group).map(valueKey)]),
      )
      for (const found of groups.values()) {
        const ends = found.map(({ end }) => end).sort((a, b) => a - b)
        for (const [at, end] of ends.entries())
          if (at > 0) assert.ok(end - (ends[at - 1] as number) > (found[0] as Detection).rule.timespan)
      }
    }),
    runs,
  )
})

test('a snapshot and a restore at any point change nothing', () => {
  fc.assert(
    fc.property(
      correlations,
      matches,
      delays,
      fc.boolean(),
      fc.array(fc.nat(80), { maxLength: 4 }),
      (rules, all, of, eager, cuts) => {
        const arriving = delayed(all, of, lateness - 1_000)
        const plain = new Correlator(rules, options(eager))
        let other = new Correlator(rules, options(eager))
        for (const [at, match] of arriving.entries()) {
          if (cuts.includes(at)) {
            const snapshot = other.snapshot()
            other = new Correlator(rules, options(eager))
            assert.deepEqual(other.restore(snapshot), [])
            assert.deepEqual(other.snapshot(), snapshot)
          }
          assert.deepEqual(observe(other, match), observe(plain, match))
          assert.equal(other.size, plain.size)
        }
        assert.deepEqual(other.finish(), plain.finish())
      },
    ),
    runs,
  )
})

test("another tenant's matches change nothing", () => {
  fc.assert(
    fc.property(correlations, matches, fc.boolean(), (rules, all, eager) => {
      const alone = run(
        rules,
        all.filter(({ tenant }) => tenant === 't1'),
        eager,
      )
      const among = run(rules, all, eager).filter(({ tenant }) => tenant === 't1')
      assert.deepEqual(among, alone)
    }),
    runs,
  )
})

test('the same matches again, as a sender repeats them, change nothing', () => {
  fc.assert(
    fc.property(correlations, matches, fc.nat(5), fc.boolean(), (rules, all, behind, eager) => {
      const twice = all.flatMap((match, at) => [match, ...all.slice(Math.max(0, at - behind), at)])
      assert.deepEqual(run(rules, twice, eager), run(rules, all, eager))
    }),
    runs,
  )
})
