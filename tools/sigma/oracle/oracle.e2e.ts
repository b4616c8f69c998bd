import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { seeded } from '../../../services/common/testing/random.ts'
import {
  recordedCases,
  recordedData,
  recordedRules,
  withoutRecorded,
} from '../../../services/siem/correlation-engine/sigma/testing/recorded.ts'
import { type Event, eventsOf } from '../event-files.ts'
import { compareStreams } from './correlations.ts'
import { crafted } from './crafted.ts'
import { type Comparison, compareMatches } from './matches.ts'

/** Each so many rules: all of them take the oracle a minute. `npm run sigma:oracle` compares all. */
const every = 4

const unexplained = ({ differences }: Comparison) => differences.filter(({ because }) => because === undefined)

test('over real events, findings agree rule by rule with pySigma and SQLite', { skip: withoutRecorded }, async () => {
  const events: Event[] = []
  const file = join(recordedData as string, 'windows-host-events.ndjson.gz')
  for await (const portion of eventsOf(file, ({ reason }) => assert.fail(reason))) events.push(...portion)
  const rules = recordedRules().filter((_, at) => at % every === 0)
  const comparison = await compareMatches(rules, events, 'windows')
  assert.deepEqual(unexplained(comparison), [])
  assert.ok(comparison.compared > 850 && comparison.findings > 20, JSON.stringify(comparison))
})

test('over the recorded cases, findings agree for all rules that they are of', { skip: withoutRecorded }, async () => {
  const cases = recordedCases()
  const wanted = new Set(cases.map(({ rule }) => rule))
  const rules = recordedRules().filter(({ text }) => wanted.has(/^id: (\S+)/m.exec(text)?.[1] ?? ''))
  const comparison = await compareMatches(
    rules,
    cases.flatMap(({ events }) => events),
    'windows',
  )
  assert.deepEqual(unexplained(comparison), [])
  assert.ok(comparison.finding > 80, JSON.stringify(comparison))
})

test('over events made after the rules, findings agree rule by rule', { skip: withoutRecorded }, async () => {
  const rules = recordedRules().filter((_, at) => at % every === 1)
  const random = seeded(2026)
  const comparison = await compareMatches(
    rules,
    rules.map(({ text }) => crafted(random, text)),
    'any',
  )
  assert.deepEqual(unexplained(comparison), [])
  assert.ok(comparison.finding > 400, JSON.stringify(comparison))
})

test('over generated streams, correlations of all types find the same groups at the same times with the same events', async () => {
  const { correlations, types, differences } = await compareStreams([...Array(60).keys()])
  assert.deepEqual(differences, [])
  assert.equal(correlations, 300)
  for (const type of [
    'event_count',
    'value_count',
    'temporal',
    'temporal_ordered',
    'value_sum',
    'value_avg',
    'value_percentile',
    'value_median',
    'not',
  ])
    assert.ok((types[type] ?? 0) > 10, `${type}: ${types[type]}`)
})
