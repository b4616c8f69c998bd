import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classes } from './classes.ts'
import { normalise } from './normalise.ts'
import { logs } from './windows-tables.ts'

const sysmon = { Channel: 'Microsoft-Windows-Sysmon/Operational', SourceName: 'Microsoft-Windows-Sysmon' }
const security = { Channel: 'Security', SourceName: 'Microsoft-Windows-Security-Auditing' }
const of = (event: object) => normalise(event as Record<string, unknown>).ocsf
const said = (event: object) =>
  Object.fromEntries(Object.entries(of(event)).filter(([, value]) => value !== '' && value !== 0))

test('a logon that failed: whom it was about, from where, and that it failed', () => {
  const event = {
    ...security,
    EventID: 4625,
    SubjectUserName: 'WS1$',
    TargetUserName: 'eve',
    IpAddress: '::ffff:203.0.113.7',
    IpPort: '49711',
    WorkstationName: 'KALI',
    ProcessName: '-',
  }
  assert.deepEqual(said(event), {
    class_uid: 3002,
    activity_id: 1,
    severity_id: 1,
    status_id: 2,
    actor_user: 'WS1$',
    target_user: 'eve',
    src_ip: '203.0.113.7',
    src_port: 49_711,
    src_host: 'KALI',
  })
})

test('a process that Sysmon saw begin: its user without the domain, and its path', () => {
  assert.deepEqual(said({ ...sysmon, EventID: '1', Image: 'C:\\Windows\\cmd.exe', User: 'CORP\\eve', Level: 3 }), {
    class_uid: 1007,
    activity_id: 1,
    severity_id: 3,
    actor_user: 'eve',
    process: 'C:\\Windows\\cmd.exe',
  })
})

test('a registry event says itself what was done', () => {
  const activity = (EventType: string) => of({ ...sysmon, EventID: 12, EventType }).activity_id
  assert.deepEqual(['CreateKey', 'DeleteKey', 'RenameKey'].map(activity), [1, 4, 99])
})

test('audit keywords say how it ended, in each form that senders write them', () => {
  const ended = (more: object) => of({ ...security, EventID: 4656, ...more }).status_id
  for (const Keywords of ['0x8010000000000000', Number('-9218868437227405312'), ['Audit Failure']])
    assert.equal(ended({ Keywords }), 2)
  for (const Keywords of ['0x8020000000000000', Number('-9214364837600034816'), ['Audit Success']])
    assert.equal(ended({ Keywords }), 1)
  assert.equal(ended({ EventType: 'AUDIT_FAILURE' }), 2)
  assert.equal(ended({}), 0)
})

test('the same event nested, flat and from Winlogbeat is the same', () => {
  const data = {
    SourceIp: '10.0.0.5',
    SourcePort: '50000',
    DestinationIp: '10.0.0.9',
    DestinationPort: 445,
    Image: 'System',
  }
  const system = {
    Provider: { '#attributes': { Name: sysmon.SourceName } },
    EventID: { '#text': '3' },
    Channel: sysmon.Channel,
  }
  const flat = of({ ...sysmon, EventID: 3, ...data })
  assert.equal(flat.class_uid, classes.network)
  assert.deepEqual(of({ Event: { System: system, EventData: data } }), flat)
  const listed = Object.entries(data).map(([Name, text]) => ({ '#attributes': { Name }, '#text': text }))
  assert.deepEqual(of({ Event: { System: system, EventData: { Data: listed } } }), flat)
  assert.deepEqual(of({ winlog: { channel: sysmon.Channel, event_id: 3, event_data: data } }), flat)
})

test('UserData is looked into', () => {
  const event = {
    Event: {
      System: { EventID: 1149, Channel: 'Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational' },
      UserData: { EventXML: { Param1: 'eve', Param3: '203.0.113.7' } },
    },
  }
  const { class_uid, actor_user, src_ip } = of(event)
  assert.deepEqual([class_uid, actor_user, src_ip], [classes.rdp, 'eve', '203.0.113.7'])
})

test('an id that the table does not have is a Base Event with what its log always has', () => {
  assert.deepEqual(said({ ...security, EventID: 65_000, SubjectUserName: 'eve' }), {
    severity_id: 1,
    actor_user: 'eve',
  })
})

test('each entry of the tables names an activity that a column holds', () => {
  for (const [name, { events }] of Object.entries(logs)) {
    assert.equal(name, name.toLowerCase())
    for (const { activity } of Object.values(events)) assert.ok(activity > 0 && activity < 256)
  }
})
