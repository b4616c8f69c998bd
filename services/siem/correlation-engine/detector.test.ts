import assert from 'node:assert/strict'
import { test } from 'node:test'
import { objectives } from '../../../policies/objectives.ts'
import type { Alert } from '../../common/alerts/alert.ts'
import { encodeRecord } from '../../common/codec/record.ts'
import { silentLog } from '../../common/log/log.ts'
import { correlatorOptions } from './correlation/index.ts'
import { CostWatch } from './cost-watch.ts'
import { Detector } from './detector.ts'
import { makePack } from './pack.ts'
import { any } from './sigma/index.ts'

const rules = `
title: Log on
id: 11111111-1111-4111-8111-111111111111
name: log_on
logsource: { product: any }
detection: { selection: { action: logon }, condition: selection }
---
title: Many
id: 22222222-2222-4222-8222-222222222222
correlation:
  type: event_count
  rules: [log_on]
  group-by: [user]
  timespan: 5m
  condition: { gte: 2 }
`

const unexpected = (): void => assert.fail('nothing is unreadable')

function detectorOf(text: string, maxEvidenceBytes = 1_000): Detector {
  const pack = makePack([{ file: 'rules.yml', text }], any, objectives.correlation.eventsPerGroup)
  assert.deepEqual(pack.problems, [])
  return new Detector(pack, {
    correlator: correlatorOptions(objectives.correlation),
    maxRecordBytes: 1_000_000,
    maxEvidenceBytes,
    watch: new CostWatch({ slowMs: 10_000, strikes: 3, log: silentLog, isolated: unexpected }),
    counts: { events: () => {}, matches: () => {}, unreadable: unexpected } as never,
  })
}

test('the first event of a slot, from a host whose clock is a day ahead, makes no other event late', () => {
  const detector = detectorOf(rules)
  const arrival = Date.UTC(2026, 0, 2)
  const event = (user: string, time: number) =>
    Buffer.from(JSON.stringify({ action: 'logon', user, '@timestamp': new Date(time).toISOString() }))
  const record = encodeRecord({
    tenant: 'acme',
    batch: 'b',
    arrival,
    lines: [0, 1, 2],
    events: [event('ahead', arrival + 86_400_000), event('eve', arrival - 2_000), event('eve', arrival - 1_000)],
  })
  const found: Alert[] = []
  detector.record({ correlator: undefined, pack: undefined }, record, arrival, (alert) => found.push(alert))
  assert.deepEqual(
    found.filter(({ kind }) => kind === 'correlation').map(({ group, events }) => [group, events]),
    [
      [
        { user: 'eve' },
        [
          ['b', 1],
          ['b', 2],
        ],
      ],
    ],
  )
})

test('an alert keeps its event to the byte after the memory of its record is given back, unless it is too long', () => {
  const texts = [120, 20].map((length) => `{"action":"logon", "user":"jürgen","more":"${'x'.repeat(length)}"}`)
  const events = Array.from({ length: 50 }, (_, i) => Buffer.from(texts[i % 2]!))
  const longer = Buffer.byteLength(texts[0]!)
  for (const [most, kept] of [
    [longer, 50],
    [longer - 1, 25],
  ] as const) {
    const record = encodeRecord({ tenant: 'acme', batch: 'b', arrival: 1, lines: events.keys().toArray(), events })
    const found: Alert[] = []
    const detector = detectorOf(rules.split('---')[0]!, most)
    detector.record({ correlator: undefined, pack: undefined }, record, 0, (alert) => found.push(alert))
    const evidence = found.map(({ event }) => event)
    assert.equal(evidence.length, 50)
    assert.deepEqual(
      evidence.filter((event) => event !== undefined),
      events.map(String).filter((event) => kept === 50 || event === texts[1]),
    )
  }
})
