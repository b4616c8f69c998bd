import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRfc3164, type Rfc3164Message } from './rfc3164.ts'

const near = Date.UTC(2026, 9, 20)
const good = (text: string, at = near): Rfc3164Message => {
  const found = parseRfc3164(text, at)
  assert.ok(found.ok, `${text}: ${JSON.stringify(found)}`)
  return found.value
}
const t = (month: number, day: number, h = 22, m = 33, s = 20, ms = 0, year = 2026) =>
  Date.UTC(year, month - 1, day, h, m, s, ms)

test('the example of the RFC, every field', () => {
  assert.deepEqual(good("<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8"), {
    facility: 4,
    severity: 2,
    timestamp: 'Oct 11 22:14:15',
    time: t(10, 11, 22, 14, 15),
    hostname: 'mymachine',
    tag: 'su',
    pid: undefined,
    sequence: undefined,
    cisco: undefined,
    message: "'su root' failed for lonvick on /dev/pts/8",
    messageAt: 34,
    problems: [],
  })
})

test('times as devices send them', () => {
  const cases: [string, number | undefined][] = [
    ['Oct  9 22:33:20', t(10, 9)],
    ['Oct 09 22:33:20', t(10, 9)],
    ['Oct 9 22:33:20', t(10, 9)],
    ['Oct  9 2024 22:33:20', t(10, 9, 22, 33, 20, 0, 2024)],
    ['2024 Oct  9 22:33:20', t(10, 9, 22, 33, 20, 0, 2024)],
    ['Oct  9 22:33:20 2024', t(10, 9, 22, 33, 20, 0, 2024)],
    ['Oct  9 22:33:20.123', t(10, 9, 22, 33, 20, 123)],
    ['Oct  9 22:33:20,5', t(10, 9, 22, 33, 20, 500)],
    ['Oct  9 22:33:20 UTC', t(10, 9)],
    ['Oct  9 22:33:20 CEST', t(10, 9, 20)],
    ['Oct  9 22:33:20 EST', t(10, 10, 3)],
    ['Oct  9 22:33:20 +0200', t(10, 9, 20)],
    ['Oct  9 22:33:20.123 -07:00', t(10, 10, 5, 33, 20, 123)],
    ['2026-10-09T22:33:20Z', t(10, 9)],
    ['2026-10-09T22:33:20.123456+02:00', t(10, 9, 20, 33, 20, 123)],
    ['2026-10-09 22:33:20', t(10, 9)],
  ]
  for (const [stamp, time] of cases) {
    const m = good(`<13>${stamp} host app[7]: text`)
    assert.deepEqual(
      [m.timestamp, m.time, m.hostname, m.tag, m.pid, m.message],
      [stamp, time, 'host', 'app', '7', 'text'],
      stamp,
    )
  }
})

test('a year that is not there is the one that brings the time nearest to the arrival', () => {
  const year = (stamp: string, at: number) => new Date(good(`<13>${stamp} h a: x`, at).time!).getUTCFullYear()
  assert.equal(year('Dec 31 23:59:59', Date.UTC(2026, 0, 1, 0, 0, 5)), 2025)
  assert.equal(year('Jan  1 00:00:05', Date.UTC(2025, 11, 31, 23, 59, 59)), 2026)
  assert.equal(year('Jul  1 00:00:00', Date.UTC(2026, 11, 1)), 2026)
  assert.equal(year('Feb 29 12:00:00', Date.UTC(2025, 1, 20)), 2024)
})

test('no time, or one that no clock shows, leaves the text whole', () => {
  for (const text of ['Oct 32 22:33:20 h a: x', 'Oct 9 25:00:00 h a: x', '2026-13-01T00:00:00Z h a: x']) {
    const m = good(`<13>${text}`)
    assert.deepEqual([m.time, m.hostname, m.message, m.problems], [undefined, undefined, text, ['NO_TIMESTAMP']], text)
  }
  const m = good('<13>myprog[12]: hello world')
  assert.deepEqual([m.tag, m.pid, m.message], ['myprog', '12', 'hello world'])
  assert.equal(good('<13>hello world').message, 'hello world')
})

test('hosts: none, a name, IPv4, IPv6, in brackets', () => {
  const host = (rest: string) => {
    const m = good(`<13>Oct  9 22:33:20 ${rest}`)
    return [m.hostname, m.tag, m.message]
  }
  assert.deepEqual(host('sshd[123]: no host'), [undefined, 'sshd', 'no host'])
  assert.deepEqual(host('su: no host'), [undefined, 'su', 'no host'])
  assert.deepEqual(host('10.0.0.1 su: x'), ['10.0.0.1', 'su', 'x'])
  assert.deepEqual(host('fe80::1%eth0 su: x'), ['fe80::1%eth0', 'su', 'x'])
  assert.deepEqual(host('2001:db8::7 su: x'), ['2001:db8::7', 'su', 'x'])
  assert.deepEqual(host('[2001:db8::7] su: x'), ['2001:db8::7', 'su', 'x'])
  assert.deepEqual(host('fw.example.com just text'), ['fw.example.com', undefined, 'just text'])
  assert.deepEqual(host('word'), [undefined, undefined, 'word'])
})

test('tags: processes, paths, no space after the colon, and what is none', () => {
  const tag = (rest: string) => {
    const m = good(`<13>Oct  9 22:33:20 host ${rest}`)
    return [m.tag, m.pid, m.message]
  }
  assert.deepEqual(tag('postfix/smtpd[99]: connect'), ['postfix/smtpd', '99', 'connect'])
  assert.deepEqual(tag('kernel: [ 1.0] usb'), ['kernel', undefined, '[ 1.0] usb'])
  assert.deepEqual(tag('app[main]: x'), ['app', 'main', 'x'])
  assert.deepEqual(tag('app[]: x'), ['app', undefined, 'x'])
  assert.deepEqual(tag('su:tight'), ['su', undefined, 'tight'])
  assert.deepEqual(tag('cron[5] no colon'), ['cron', '5', 'no colon'])
  assert.deepEqual(tag('http://x/ is no tag'), [undefined, undefined, 'http://x/ is no tag'])
  assert.deepEqual(tag('{"json": 1}'), [undefined, undefined, '{"json": 1}'])
  assert.deepEqual(tag('CEF:0|a|b|c|d|e|1|'), [undefined, undefined, 'CEF:0|a|b|c|d|e|1|'])
})

test('Cisco: mnemonics, sequence numbers, clocks that are not set, years', () => {
  const cisco = (text: string) => {
    const { time, hostname, sequence, cisco: found, message } = good(text)
    return [time, hostname, sequence, found && `${found.facility}-${found.severity}-${found.mnemonic}`, message]
  }
  assert.deepEqual(cisco('<189>29: *Mar  1 18:48:50.483 UTC: %SYS-5-CONFIG_I: Configured from console'), [
    t(3, 1, 18, 48, 50, 483, 2027),
    undefined,
    29,
    'SYS-5-CONFIG_I',
    'Configured from console',
  ])
  assert.deepEqual(cisco('<187>router1 345: .Oct 19 18:48:50: %LINK-3-UPDOWN: Interface down'), [
    t(10, 19, 18, 48, 50),
    'router1',
    345,
    'LINK-3-UPDOWN',
    'Interface down',
  ])
  assert.deepEqual(cisco('<187>345: router1: Oct 19 18:48:50.1: %LINEPROTO-5-UPDOWN: x'), [
    t(10, 19, 18, 48, 50, 100),
    'router1',
    345,
    'LINEPROTO-5-UPDOWN',
    'x',
  ])
  assert.deepEqual(cisco('<166>Oct 09 2024 22:33:20: %ASA-6-302013: Built'), [
    t(10, 9, 22, 33, 20, 0, 2024),
    undefined,
    undefined,
    'ASA-6-302013',
    'Built',
  ])
  assert.deepEqual(cisco('<166>Oct 09 2024 22:33:20 fw01 : %ASA-6-302013: Built'), [
    t(10, 9, 22, 33, 20, 0, 2024),
    'fw01',
    undefined,
    'ASA-6-302013',
    'Built',
  ])
  assert.deepEqual(cisco('<166>:Oct 09 22:33:20 UTC: %ASA-session-6-302013: Built'), [
    t(10, 9),
    undefined,
    undefined,
    'ASA-session-6-302013',
    'Built',
  ])
  assert.deepEqual(cisco('<189>: 2024 Oct  9 22:33:20 UTC: %ETHPORT-5-IF_UP: up'), [
    t(10, 9, 22, 33, 20, 0, 2024),
    undefined,
    undefined,
    'ETHPORT-5-IF_UP',
    'up',
  ])
  assert.deepEqual(cisco('<166>%ASA-6-302013: no time'), [undefined, undefined, undefined, 'ASA-6-302013', 'no time'])
  assert.deepEqual(cisco('<189>Oct  9 22:33:20 router1: %SYS-5-CONFIG_I: x'), [
    t(10, 9),
    'router1',
    undefined,
    'SYS-5-CONFIG_I',
    'x',
  ])
  assert.deepEqual(cisco('<189>Oct  9 22:33:20 r %SEC_LOGIN-SW1-5-LOGIN_SUCCESS: ok'), [
    t(10, 9),
    'r',
    undefined,
    'SEC_LOGIN-SW1-5-LOGIN_SUCCESS',
    'ok',
  ])
})

test('a PRI that is none, or none at all', () => {
  assert.deepEqual(
    [good('<999>Oct  9 22:33:20 h a: x').problems, good('<999>Oct  9 22:33:20 h a: x').severity],
    [['BAD_PRI'], undefined],
  )
  assert.deepEqual(good('<034>Oct  9 22:33:20 h a: x').problems, ['LEADING_ZERO_IN_PRI'])
  const bare = good('Oct  9 22:33:20 h a: x')
  assert.deepEqual([bare.facility, bare.hostname, bare.message], [undefined, 'h', 'x'])
  for (const [text, code] of [
    ['', 'EMPTY'],
    ['  \t', 'EMPTY'],
    ['just text', 'NO_PRI'],
    ['{"a":1}', 'NO_PRI'],
    ['<999>text', 'BAD_PRI'],
    ['<a', 'BAD_PRI'],
  ] as const) {
    const found = parseRfc3164(text, near)
    assert.deepEqual(found.ok ? 'read' : [found.code, found.at], [code, 0], text)
  }
})
