import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { latest } from '../../common/events/time.ts'
import { unknownEvent } from '../../common/ocsf/event.ts'
import { names as ocsfNames } from '../../common/ocsf/generic-tables.ts'
import { columnsOf, cutText, fields, maxTextBytes, parsed } from './fields.ts'

const arrival = Date.UTC(2026, 0, 1)
const whole = (event: unknown) => columnsOf(parsed(JSON.stringify(event)), arrival)
/** The columns that senders name; those of OCSF are tested with it. */
const of = (event: unknown) => {
  const { time, channel, code, provider, host } = whole(event)
  return { time, channel, code, provider, host }
}

test('a Windows event, as WEC and as winlogbeat have it', () => {
  const event = {
    TimeCreated: '2020-10-18 10:56:18.799',
    SourceName: 'Microsoft-Windows-Sysmon',
    EventID: 11,
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    Hostname: 'WORKSTATION5',
    host: 'wec.internal',
  }
  assert.deepEqual(of(event), {
    time: Date.UTC(2020, 9, 18, 10, 56, 18, 799),
    channel: 'Microsoft-Windows-Sysmon/Operational',
    code: '11',
    provider: 'Microsoft-Windows-Sysmon',
    host: 'WORKSTATION5',
  })
  const beat = {
    '@timestamp': 'broken',
    timestamp: 1_600_000_000,
    event_id: { '#text': '4688' },
    log_name: 'Security',
    host: { name: 'a' },
    Computer: 'b',
  }
  assert.deepEqual(of(beat), { time: 1_600_000_000_000, channel: 'Security', code: '4688', provider: '', host: 'b' })
})

test('each field of the table is read, the first one that can be', () => {
  for (const [column, names] of Object.entries(fields)) {
    const text = column === 'time' ? '2020-01-01T00:00:00Z' : 'first'
    for (const [i, name] of names.entries()) {
      const later = Object.fromEntries(names.slice(i + 1).map((other) => [other, '2021-01-01T00:00:00Z']))
      const read = of({ ...later, [name]: text })[column as keyof typeof fields]
      assert.equal(read, column === 'time' ? Date.UTC(2020, 0, 1) : text, name)
    }
  }
})

test('nothing there, other types, no object and no JSON: empty columns and the arrival', () => {
  const none = { time: arrival, channel: '', code: '', provider: '', host: '' }
  for (const event of [
    {},
    { Channel: 7, EventID: [], host: null, time: 'soon' },
    { EventID: { '#text': { '#text': 1 } } },
    [],
    'x',
    null,
  ])
    assert.deepEqual(of(event), none)
  assert.deepEqual(columnsOf(parsed('{"Channel": "Secur'), arrival), { ...none, ...unknownEvent() })
  assert.deepEqual(columnsOf(parsed(Buffer.from([0xff, 0xfe]).toString()), arrival), { ...none, ...unknownEvent() })
})

test('law: no JSON value makes it throw, and every column fits', () => {
  const names = [
    ...Object.values(fields).flat(),
    ...Object.values(ocsfNames).flat(),
    'Event',
    'winlog',
    'format',
    'cef',
    'EventData',
    'System',
  ]
  const event = fc.oneof(fc.dictionary(fc.constantFrom(...names), fc.jsonValue()), fc.jsonValue())
  fc.assert(
    fc.property(event, (value) => {
      const { time, ...others } = whole(value)
      assert.ok(time >= 0 && time <= latest)
      for (const other of Object.values(others))
        assert.ok(
          typeof other === 'number' ? Number.isInteger(other) && other >= 0 : Buffer.byteLength(other) <= maxTextBytes,
        )
    }),
  )
})

test('law: a text is cut to the longest beginning of whole code points that fits', () => {
  const wellFormed = fc.string({ unit: 'grapheme', maxLength: 40 })
  fc.assert(
    fc.property(wellFormed, fc.nat({ max: 60 }), (text, most) => {
      const cut = cutText(text, most)
      assert.ok(text.startsWith(cut))
      assert.ok(Buffer.byteLength(cut) <= most)
      const [next = ''] = [...text.slice(cut.length)]
      if (next !== '') assert.ok(Buffer.byteLength(cut + next) > most)
    }),
  )
})

test('a Windows event as the event log nests it', () => {
  const event = {
    Event: {
      System: {
        Provider: { '#attributes': { Name: 'Microsoft-Windows-Sysmon' } },
        EventID: 3,
        TimeCreated: { '#attributes': { SystemTime: '2026-04-17T05:24:53.092051Z' } },
        Channel: 'Microsoft-Windows-Sysmon/Operational',
        Computer: 'ws1',
      },
      EventData: { Image: 'C:\\a.exe', User: 'CORP\\eve', SourceIp: '::ffff:10.0.0.1', DestinationPort: '443' },
    },
  }
  const { time, channel, code, provider, host, process, actor_user, src_ip, dst_port, class_uid } = whole(event)
  assert.deepEqual(
    [time, channel, code, provider, host],
    [
      Date.UTC(2026, 3, 17, 5, 24, 53, 92),
      'Microsoft-Windows-Sysmon/Operational',
      '3',
      'Microsoft-Windows-Sysmon',
      'ws1',
    ],
  )
  assert.deepEqual([class_uid, process, actor_user, src_ip, dst_port], [4001, 'C:\\a.exe', 'eve', '10.0.0.1', 443])
})
