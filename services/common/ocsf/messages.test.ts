import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readMessage } from '../formats/message.ts'
import { normalise } from './normalise.ts'

const near = Date.UTC(2026, 5, 1)
/** As the collector makes it of a frame. */
function said(line: string) {
  const { event, text } = readMessage(Buffer.from(line), near)
  const { ocsf } = normalise({ ...event, original: text, transport: { protocol: 'syslog-tcp' } })
  return Object.fromEntries(Object.entries(ocsf).filter(([, value]) => value !== '' && value !== 0))
}
const over = (program: string, message: string, priority = 38) =>
  `<${priority}>1 2026-06-01T00:00:00Z host1 ${program} 123 - - ${message}`

test('what sshd says: who, from where, and whether it was let in', () => {
  const common = {
    class_uid: 3002,
    activity_id: 1,
    severity_id: 1,
    process: 'sshd',
    target_user: 'root',
    src_ip: '203.0.113.7',
    src_port: 50_022,
  }
  assert.deepEqual(said(over('sshd', 'Accepted publickey for root from 203.0.113.7 port 50022 ssh2: RSA SHA256:x')), {
    ...common,
    status_id: 1,
  })
  assert.deepEqual(said(over('sshd', 'Failed password for invalid user root from 203.0.113.7 port 50022 ssh2')), {
    ...common,
    status_id: 2,
  })
  assert.deepEqual(said(over('sshd', 'Invalid user root from 203.0.113.7 port 50022')), { ...common, status_id: 2 })
  assert.deepEqual(
    said('<38>Jun  1 00:00:00 host1 sshd[123]: Failed password for root from 2001:db8::7 port 50022 ssh2'),
    {
      ...common,
      status_id: 2,
      src_ip: '2001:db8::7',
    },
  )
  const closed = said(over('sshd', 'Connection closed by authenticating user root 203.0.113.7 port 50022 [preauth]'))
  assert.deepEqual([closed.class_uid, closed.activity_id, closed.src_ip], [4007, 2, '203.0.113.7'])
})

test('what sudo says: who ran what as whom', () => {
  const line = 'alice : TTY=pts/0 ; PWD=/srv ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow'
  assert.deepEqual(said(over('sudo', line)), {
    class_uid: 1007,
    activity_id: 1,
    severity_id: 1,
    status_id: 1,
    actor_user: 'alice',
    target_user: 'root',
    process: '/usr/bin/cat',
  })
  const refused = said(over('sudo', 'mallory : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh'))
  assert.deepEqual([refused.class_uid, refused.status_id, refused.actor_user], [3002, 2, 'mallory'])
})

test('what other programs say', () => {
  const cases: [string, string, Record<string, unknown>][] = [
    [
      'CRON',
      '(root) CMD (/usr/lib/sa/sa1 1 1)',
      { class_uid: 1006, activity_id: 6, actor_user: 'root', process: '/usr/lib/sa/sa1' },
    ],
    ['useradd', 'new user: name=eve, UID=1001, GID=1001', { class_uid: 3001, activity_id: 1, target_user: 'eve' }],
    ['systemd', 'Started nginx.service', { class_uid: 6002, activity_id: 3 }],
    [
      'kernel',
      '[1.5] [UFW BLOCK] IN=eth0 OUT= MAC=00 SRC=203.0.113.7 DST=10.0.0.1 LEN=40 PROTO=TCP SPT=4444 DPT=22 WINDOW=1',
      {
        class_uid: 4001,
        activity_id: 5,
        status_id: 2,
        src_ip: '203.0.113.7',
        src_port: 4_444,
        dst_ip: '10.0.0.1',
        dst_port: 22,
      },
    ],
    [
      'su',
      'FAILED SU (to root) eve on pts/1',
      { class_uid: 3002, status_id: 2, actor_user: 'eve', target_user: 'root' },
    ],
    [
      'sshd',
      'pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7  user=root',
      { class_uid: 3002, status_id: 2, src_ip: '203.0.113.7', target_user: 'root' },
    ],
  ]
  for (const [program, line, expected] of cases) {
    const found = said(over(program, line))
    for (const [name, value] of Object.entries(expected)) assert.equal(found[name], value, `${program}: ${name}`)
  }
})

test('a program that nothing is known of is a Base Event with the severity of its header', () => {
  assert.deepEqual(said(over('myapp', 'hello', 3)), { severity_id: 4, process: 'myapp' })
})

test('CEF: endpoints, users, and a class by its name, its category, else by what it has', () => {
  const cef = (name: string, extension: string) => said(`CEF:0|Vendor|Firewall|1.0|100|${name}|8|${extension}`)
  assert.deepEqual(
    cef('Connection denied', 'src=203.0.113.7 spt=1025 dst=10.0.0.1 dpt=22 act=blocked suser=CORP\\\\eve'),
    {
      class_uid: 4001,
      activity_id: 5,
      severity_id: 4,
      status_id: 2,
      actor_user: 'eve',
      src_ip: '203.0.113.7',
      src_port: 1_025,
      dst_ip: '10.0.0.1',
      dst_port: 22,
    },
  )
  const login = cef('User login failed', 'duser=bob src=10.1.1.1')
  assert.deepEqual([login.class_uid, login.activity_id, login.status_id, login.target_user], [3002, 1, 2, 'bob'])
  assert.equal(cef('Malware detected', 'fname=a.exe').class_uid, 2004)
  assert.deepEqual(
    [
      cef('Page', 'request=http://x/ requestMethod=POST').class_uid,
      cef('Page', 'request=/ requestMethod=POST').activity_id,
    ],
    [4002, 6],
  )
})

test('LEEF: the same by its own names', () => {
  const leef =
    'LEEF:1.0|Vendor|Product|1.0|logon-failed|src=10.1.1.1\tdst=10.0.0.1\tsrcPort=1025\tdstPort=389\tusrName=bob\tsev=9'
  const { class_uid, severity_id, src_ip, src_port, dst_port, actor_user } = said(leef)
  assert.deepEqual(
    [class_uid, severity_id, src_ip, src_port, dst_port, actor_user],
    [3002, 5, '10.1.1.1', 1_025, 389, 'bob'],
  )
})

test('a log record of OpenTelemetry, by its semantic conventions', () => {
  const event = {
    format: 'otlp',
    transport: { protocol: 'otlp-http' },
    otlp: {
      severity_number: 17,
      resource: { 'process.executable.path': '/usr/bin/api' },
      attributes: {
        'http.request.method': 'GET',
        'http.response.status_code': 503,
        'client.address': '10.0.0.5',
        'server.address': 'api.example',
      },
    },
  }
  const { ocsf } = normalise(event)
  assert.deepEqual(
    [ocsf.class_uid, ocsf.activity_id, ocsf.severity_id, ocsf.status_id, ocsf.process, ocsf.src_ip, ocsf.dst_host],
    [4002, 3, 4, 2, '/usr/bin/api', '10.0.0.5', 'api.example'],
  )
})
