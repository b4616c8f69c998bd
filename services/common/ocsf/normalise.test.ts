import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { classes } from './classes.ts'
import { names } from './generic-tables.ts'
import { normalise } from './normalise.ts'

const of = (event: unknown) => normalise(event as Record<string, unknown>).ocsf
const said = (event: unknown) =>
  Object.fromEntries(Object.entries(of(event)).filter(([, value]) => value !== '' && value !== 0))

/** The recorded data beside the checkout, or beside the folder of worktrees; undefined where there is none. */
function recorded(): string | undefined {
  let folder = fileURLToPath(new URL('../../..', import.meta.url))
  for (let i = 0; i < 3; i++, folder = dirname(folder)) {
    const data = join(folder, 'shared', 'data')
    if (existsSync(join(data, 'SOURCES.md'))) return data
  }
  if (process.env.CI) throw new Error('In CI the recorded data must lie beside the checkout, in shared/data.')
  return undefined
}
const data = recorded()
const skip = data === undefined && 'The recorded data does not lie beside the checkout.'

test('of the recorded Windows events all but a few have a class', { skip }, (t) => {
  const lines = gunzipSync(readFileSync(join(data!, 'windows-host-events.ndjson.gz')))
    .toString()
    .split('\n')
    .filter(Boolean)
  const known = lines.filter((line) => of(JSON.parse(line)).class_uid !== classes.base).length
  t.diagnostic(`${known} of ${lines.length}`)
  assert.ok(known / lines.length > 0.99)
})

test('so have the recorded cases, which are nested', { skip }, (t) => {
  const base = join(data!, 'sigma', 'regression_data')
  const files = readdirSync(base, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))
  const events = files.flatMap((name) =>
    readFileSync(join(base, name), 'utf8')
      .trim()
      .split(/\n(?=\{)/)
      .map((text) => JSON.parse(text) as unknown),
  )
  const known = events.filter((event) => of(event).class_uid !== classes.base).length
  t.diagnostic(`${known} of ${events.length}`)
  assert.ok(events.length > 0 && known / events.length > 0.95)
})

test('an event of ECS, nested or with dots in its names', () => {
  const expected = {
    class_uid: 3002,
    activity_id: 1,
    status_id: 2,
    actor_user: 'eve',
    src_ip: '203.0.113.7',
    src_port: 50_022,
    severity_id: 3,
  }
  const nested = {
    event: { category: ['authentication'], type: ['start'], outcome: 'failure' },
    log: { level: 'warning' },
    user: { name: 'eve' },
    source: { ip: '203.0.113.7', port: 50_022 },
  }
  assert.deepEqual(said(nested), expected)
  assert.deepEqual(
    said({
      'event.category': 'authentication',
      'event.type': 'start',
      'event.outcome': 'failure',
      'log.level': 'warning',
      'user.name': 'eve',
      'source.ip': '203.0.113.7',
      'source.port': '50022',
    }),
    expected,
  )
})

test('events of products by the names that they are known for', () => {
  const cases: [object, number, number][] = [
    [{ event_type: 'alert', src_ip: '10.0.0.1', dest_ip: '10.0.0.2', alert: {} }, classes.finding, 1],
    [{ event_type: 'dns', src_ip: '10.0.0.1', dest_ip: '10.0.0.2' }, classes.dns, 1],
    [{ 'id.orig_h': '10.0.0.1', 'id.resp_h': '10.0.0.2', 'id.resp_p': 53 }, classes.network, 6],
    [{ eventSource: 's3.amazonaws.com', eventName: 'DeleteBucket', userIdentity: { userName: 'eve' } }, classes.api, 4],
    [{ eventSource: 'signin.amazonaws.com', eventName: 'ConsoleLogin' }, classes.authentication, 1],
    [{ action: 'login', user: 'eve' }, classes.authentication, 1],
    [{ method: 'GET', remote_addr: '10.0.0.1' }, classes.http, 3],
    [{ event: { category: 'network', type: 'connection' }, network: { protocol: 'dns' } }, classes.dns, 1],
    [{ text: 'hello' }, classes.base, 0],
  ]
  for (const [event, classUid, activity] of cases) {
    const { class_uid, activity_id } = of(event)
    assert.deepEqual([class_uid, activity_id], [classUid, activity], JSON.stringify(event))
  }
})

test('an event that is OCSF already keeps its numbers', () => {
  const event = {
    class_uid: 4003,
    category_uid: 4,
    activity_id: 2,
    severity_id: 4,
    status_id: 1,
    src_endpoint: { ip: '10.0.0.1' },
  }
  assert.deepEqual(said(event), { class_uid: 4003, activity_id: 2, severity_id: 4, status_id: 1, src_ip: '10.0.0.1' })
})

test('law: whatever the event, nothing is thrown, numbers fit their columns and texts are bounded', () => {
  const keys = [
    ...Object.values(names).flat(),
    'EventID',
    'Channel',
    'Event',
    'System',
    'EventData',
    'Data',
    'winlog',
    'event',
    'category',
    'type',
    'level',
    'format',
    'transport',
    'syslog',
    'message',
    'provider',
    'cef',
    'extension',
    'leef',
    'attributes',
    'otlp',
    'class_uid',
    'category_uid',
    'activity_id',
  ]
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('otlp', 'cef', 'leef', 'rfc5424', 'Security', 'sshd', 4624, '-', '::1', -1),
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('value'), { maxLength: 3 }),
      tie('object'),
    ),
    object: fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 6 }),
  }))
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 8 }), (event) => {
      const ocsf = of(event)
      const most = {
        class_uid: 2 ** 32,
        activity_id: 256,
        severity_id: 256,
        status_id: 256,
        src_port: 65_536,
        dst_port: 65_536,
      }
      for (const [name, found] of Object.entries(ocsf)) {
        if (typeof found === 'string') assert.ok(found.length <= 512, name)
        else assert.ok(Number.isInteger(found) && found >= 0 && found < most[name as keyof typeof most], name)
      }
    }),
    { numRuns: 2_000 },
  )
})
