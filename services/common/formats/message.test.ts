import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readMessage } from './message.ts'

const near = Date.UTC(2026, 9, 20)
const read = (text: string | Buffer) => {
  const { event, time, utf8 } = readMessage(Buffer.from(text), near)
  return { ...(JSON.parse(JSON.stringify(event)) as typeof event), time, utf8 }
}

test('RFC 5424: fields where the hot tier and rules look for them', () => {
  assert.deepEqual(
    read('<34>1 2026-10-09T22:14:15Z web-1 sshd 77 LOGIN [a@1 k="1" k="2" l="x"][__proto__ m="y"] \uFEFFhello'),
    {
      format: 'rfc5424',
      host: 'web-1',
      provider: 'sshd',
      code: 'LOGIN',
      message: 'hello',
      syslog: {
        facility: 4,
        facility_name: 'auth',
        severity: 2,
        severity_name: 'crit',
        version: 1,
        timestamp: '2026-10-09T22:14:15Z',
        hostname: 'web-1',
        app_name: 'sshd',
        procid: '77',
        msgid: 'LOGIN',
        structured_data: JSON.parse('{"a@1":{"k":["1","2"],"l":"x"},"__proto__":{"m":"y"}}'),
      },
      time: Date.UTC(2026, 9, 9, 22, 14, 15),
      utf8: true,
    },
  )
})

test('RFC 3164, with a mnemonic of Cisco', () => {
  const { syslog, ...event } = read('<189>Oct  9 22:33:20 router1: %SYS-5-CONFIG_I: Configured')
  assert.deepEqual(event, {
    format: 'rfc3164',
    host: 'router1',
    provider: 'SYS',
    code: 'SYS-5-CONFIG_I',
    message: 'Configured',
    time: Date.UTC(2026, 9, 9, 22, 33, 20),
    utf8: true,
  })
  assert.deepEqual(syslog?.cisco, { facility: 'SYS', severity: 5, mnemonic: 'CONFIG_I' })
})

test('CEF: alone, in RFC 3164, in RFC 5424; its own time and host go before the envelope’s', () => {
  const cef = 'CEF:0|Palo|PAN-OS|1|THREAT|virus|8|src=1.2.3.4 dvchost=fw9 rt=1760000000000'
  for (const text of [cef, `<14>Oct  9 22:33:20 relay ${cef}`, `<14>1 2026-10-09T22:14:15Z relay app - - - ${cef}`]) {
    const event = read(text)
    assert.deepEqual(
      [event.format, event.host, event.provider, event.code, event.message, event.time],
      ['cef', 'fw9', 'PAN-OS', 'THREAT', 'virus', 1_760_000_000_000],
      text,
    )
    assert.equal(event.cef?.extension.src, '1.2.3.4')
    assert.equal(event.syslog?.hostname, text === cef ? undefined : 'relay')
  }
  const bare = read('<14>Oct  9 22:33:20 relay CEF:0|v|p|1|c|n|1|msg=told')
  assert.deepEqual([bare.host, bare.message, bare.time], ['relay', 'told', Date.UTC(2026, 9, 9, 22, 33, 20)])
})

test('LEEF: alone and in syslog', () => {
  const leef = 'LEEF:2.0|IBM|QRadar|1|42|^|src=1.2.3.4^devTime=1760000000000'
  for (const text of [leef, `<14>Oct  9 22:33:20 relay ${leef}`]) {
    const event = read(text)
    assert.deepEqual(
      [event.format, event.provider, event.code, event.time],
      ['leef', 'QRadar', '42', 1_760_000_000_000],
    )
    assert.deepEqual(event.leef?.attributes, { src: '1.2.3.4', devTime: '1760000000000' })
  }
})

test('what no parser takes is kept as unknown, with the code of the one that should have', () => {
  const cases: [string, string, string[]][] = [
    ['just text', 'unknown', ['NO_PRI']],
    ['   ', 'unknown', ['EMPTY']],
    ['<13>2 - - - - - -', 'unknown', ['UNKNOWN_VERSION']],
    ['<13>1 - h a p m [x', 'unknown', ['UNTERMINATED_SD']],
    ['CEF:9|v|p|1|c|n|1|', 'unknown', ['CEF_UNKNOWN_VERSION']],
    ['LEEF:1.0|v', 'unknown', ['LEEF_TRUNCATED']],
    ['<13>Oct  9 22:33:20 h CEF:0|v', 'rfc3164', ['CEF_TRUNCATED']],
    ['<13>1 - h a p m - CEF:0|v', 'rfc5424', ['CEF_TRUNCATED']],
    ['<13>1 nonsense h a p m - CEF:0|v|p|1|c|n|99|', 'cef', ['BAD_TIMESTAMP', 'BAD_SEVERITY']],
  ]
  for (const [text, format, problems] of cases) {
    const event = read(text)
    assert.deepEqual([event.format, event.problems], [format, problems], text)
    assert.ok(event.message !== undefined, text)
  }
  const partial = read('<34>1 2026-10-09T22:14:15Z web-1 su 1 ID [a')
  assert.deepEqual(
    [partial.host, partial.syslog?.severity_name, partial.time],
    ['web-1', 'crit', Date.UTC(2026, 9, 9, 22, 14, 15)],
  )
})

test('bytes that are no UTF-8 are read as Latin-1, and said', () => {
  const event = read(Buffer.from('<13>Oct  9 22:33:20 h app: caf\xe9', 'latin1'))
  assert.deepEqual([event.message, event.problems, event.utf8], ['café', ['NOT_UTF8'], false])
})
