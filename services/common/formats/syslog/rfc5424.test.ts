import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { looksLikeRfc5424, parseRfc5424, type Rfc5424Message } from './rfc5424.ts'

const good = (text: string): Rfc5424Message => {
  const found = parseRfc5424(text)
  assert.ok(found.ok, `${text}: ${JSON.stringify(found)}`)
  return found.value
}
const head = '<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su 77 ID47'

test('the examples of the RFC', () => {
  assert.deepEqual(good(`${head.replace(' 77 ', ' - ')} - \uFEFF'su root' failed for lonvick on /dev/pts/8`), {
    facility: 4,
    severity: 2,
    version: 1,
    timestamp: '2003-10-11T22:14:15.003Z',
    time: Date.UTC(2003, 9, 11, 22, 14, 15, 3),
    hostname: 'mymachine.example.com',
    appName: 'su',
    procId: undefined,
    msgId: 'ID47',
    structuredData: [],
    message: "'su root' failed for lonvick on /dev/pts/8",
    messageAt: 66,
    problems: [],
  })
  const two = good(
    '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"][examplePriority@32473 class="high"]',
  )
  assert.deepEqual(two.structuredData, [
    {
      id: 'exampleSDID@32473',
      params: [
        ['iut', '3'],
        ['eventSource', 'Application'],
        ['eventID', '1011'],
      ],
    },
    { id: 'examplePriority@32473', params: [['class', 'high']] },
  ])
  assert.equal(two.message, undefined)
  assert.equal(
    good("<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time").time,
    Date.UTC(2003, 7, 24, 12, 14, 15),
  )
})

test('every field', () => {
  const cases: [string, keyof Rfc5424Message, unknown][] = [
    ['<0>1 - - - - - -', 'facility', 0],
    ['<191>1 - - - - - -', 'facility', 23],
    ['<191>1 - - - - - -', 'severity', 7],
    ['<13>1 - - - - - -', 'timestamp', undefined],
    ['<13>1 - - - - - -', 'hostname', undefined],
    ['<13>1 - fe80::1 - - - -', 'hostname', 'fe80::1'],
    ['<13>1 - h app[1] - - -', 'appName', 'app[1]'],
    ['<13>1 - h a p-1 - -', 'procId', 'p-1'],
    ['<13>1 - h a p TCPIN -', 'msgId', 'TCPIN'],
    ['<13>1 - h a p m -', 'message', undefined],
    ['<13>1 - h a p m - ', 'message', ''],
    ['<13>1 - h a p m -  two spaces ', 'message', ' two spaces '],
    ['<13>1 - h a p m - \uFEFF', 'message', ''],
    ['<13>1 - h a p m - line one\nline two\u0000', 'message', 'line one\nline two\u0000'],
    ['<13>1 - h a p m [a@1] msg', 'message', 'msg'],
    ['<13>1 - h a p m - [not data]', 'message', '[not data]'],
    ['<13>1 1985-04-12T23:20:50.52Z h a p m -', 'time', Date.UTC(1985, 3, 12, 23, 20, 50, 520)],
    ['<13>1 1985-04-12T19:20:50.52-04:00 h a p m -', 'time', Date.UTC(1985, 3, 12, 23, 20, 50, 520)],
    ['<13>1 2024-02-29T00:00:00+05:30 h a p m -', 'time', Date.UTC(2024, 1, 28, 18, 30)],
    ['<13>1 2003-10-11T22:14:15.123456Z h a p m -', 'time', Date.UTC(2003, 9, 11, 22, 14, 15, 123)],
  ]
  for (const [text, field, expected] of cases) assert.deepEqual(good(text)[field], expected, `${field} of ${text}`)
  for (const [text] of cases) assert.deepEqual(good(text).problems, [], text)
})

test('structured data: escapes, repeated names, empty elements', () => {
  const data = (sd: string) => good(`<13>1 - h a p m ${sd} x`).structuredData
  assert.deepEqual(data(String.raw`[a k="\"q\" \\ \] \n"]`), [{ id: 'a', params: [['k', String.raw`"q" \ ] \n`]] }])
  assert.deepEqual(data('[a k="1" k="2"]'), [
    {
      id: 'a',
      params: [
        ['k', '1'],
        ['k', '2'],
      ],
    },
  ])
  assert.deepEqual(data('[a][b  k="" ]'), [
    { id: 'a', params: [] },
    { id: 'b', params: [['k', '']] },
  ])
  assert.deepEqual(data('[a k="ü = [ \u2028"]'), [{ id: 'a', params: [['k', 'ü = [ \u2028']] }])
  assert.deepEqual(data(String.raw`[a k="\\"]`), [{ id: 'a', params: [['k', '\\']] }])
})

test('what can be read although it is wrong is read, and said', () => {
  const cases: [string, string][] = [
    ['<013>1 - h a p m -', 'LEADING_ZERO_IN_PRI'],
    ['<13>1 yesterday h a p m -', 'BAD_TIMESTAMP'],
    ['<13>1 2003-13-11T22:14:15Z h a p m -', 'BAD_TIMESTAMP'],
    ['<13>1 2003-02-29T22:14:15Z h a p m -', 'BAD_TIMESTAMP'],
    ['<13>1 2003-10-11T24:00:00Z h a p m -', 'BAD_TIMESTAMP'],
    ['<13>1 2003-10-11T22:60:00Z h a p m -', 'BAD_TIMESTAMP'],
    ['<13>1 2016-12-31T23:59:60Z h a p m -', 'BAD_TIMESTAMP'],
    ['<13>1 2003-10-11T22:14:15+24:00 h a p m -', 'BAD_TIMESTAMP'],
    ['<13>1 2003-10-11T22:14:15.1234567890Z h a p m -', 'BAD_TIMESTAMP'],
    ['<13>1 2003-10-11T22:14:15.Z h a p m -', 'BAD_TIMESTAMP'],
    ['<13>1 2003-10-11t22:14:15z h a p m -', 'LOOSE_TIMESTAMP'],
    ['<13>1 2003-10-11T22:14:15 h a p m -', 'LOOSE_TIMESTAMP'],
    ['<13>1 2003-10-11T22:14:15+0200 h a p m -', 'LOOSE_TIMESTAMP'],
    ['<13>1 2003-10-11T22:14:15.123456789Z h a p m -', 'LOOSE_TIMESTAMP'],
    [`<13>1 - ${'h'.repeat(256)} a p m -`, 'LONG_HOSTNAME'],
    [`<13>1 - h ${'a'.repeat(49)} p m -`, 'LONG_APP_NAME'],
    [`<13>1 - h a ${'p'.repeat(129)} m -`, 'LONG_PROCID'],
    [`<13>1 - h a p ${'m'.repeat(33)} -`, 'LONG_MSGID'],
    ['<13>1 - hôte a p m -', 'NOT_ASCII'],
    ['<13>1 - h a p m [a x="1"][a y="2"]', 'DUPLICATE_SD_ID'],
    [`<13>1 - h a p m [${'a'.repeat(33)}]`, 'LONG_SD_NAME'],
    [`<13>1 - h a p m [a ${'k'.repeat(33)}="1"]`, 'LONG_SD_NAME'],
    ['<13>1 - h a p m [a k="x]y"]', 'UNESCAPED_BRACKET'],
  ]
  for (const [text, problem] of cases) assert.deepEqual(good(text).problems, [problem], text)
  assert.equal(
    good(`<13>1 - ${'h'.repeat(255)} ${'a'.repeat(48)} ${'p'.repeat(128)} ${'m'.repeat(32)} -`).problems.length,
    0,
  )
  assert.equal(good('<13>1 2003-10-11T22:14:15+0200 h a p m -').time, Date.UTC(2003, 9, 11, 20, 14, 15))
})

test('what cannot be read has a code and a place', () => {
  const cases: [string, string, number][] = [
    ['', 'NO_PRI', 0],
    ['hello', 'NO_PRI', 0],
    ['<', 'BAD_PRI', 1],
    ['<>1 - - - - - -', 'BAD_PRI', 1],
    ['<192>1 - - - - - -', 'BAD_PRI', 4],
    ['<1911>1 - - - - - -', 'BAD_PRI', 5],
    ['<1a>1 - - - - - -', 'BAD_PRI', 2],
    ['<-1>1 - - - - - -', 'BAD_PRI', 1],
    ['<13', 'BAD_PRI', 3],
    ['<13>', 'BAD_VERSION', 4],
    ['<13>0 - - - - - -', 'BAD_VERSION', 4],
    ['<13>01 - - - - - -', 'BAD_VERSION', 4],
    ['<13>x - - - - - -', 'BAD_VERSION', 4],
    ['<13>1x - - - - - -', 'BAD_VERSION', 5],
    ['<13>1234 - - - - - -', 'BAD_VERSION', 7],
    ['<13>2 - - - - - -', 'UNKNOWN_VERSION', 4],
    ['<13>999 - - - - - -', 'UNKNOWN_VERSION', 4],
    ['<13>1', 'TRUNCATED', 5],
    ['<13>1 ', 'TRUNCATED', 6],
    ['<13>1 -', 'TRUNCATED', 7],
    ['<13>1 - h', 'TRUNCATED', 9],
    ['<13>1 - h a', 'TRUNCATED', 11],
    ['<13>1 - h a p', 'TRUNCATED', 13],
    ['<13>1 - h a p m', 'TRUNCATED', 15],
    ['<13>1 - h a p m ', 'TRUNCATED', 16],
    ['<13>1  h a p m -', 'EMPTY_FIELD', 6],
    ['<13>1 -  a p m -', 'EMPTY_FIELD', 8],
    ['<13>1 - h  p m -', 'EMPTY_FIELD', 10],
    ['<13>1 - h a p m data', 'BAD_STRUCTURED_DATA', 16],
    ['<13>1 - h a p m -x', 'BAD_STRUCTURED_DATA', 17],
    ['<13>1 - h a p m [a]x', 'BAD_STRUCTURED_DATA', 19],
    ['<13>1 - h a p m []', 'BAD_SD_ID', 17],
    ['<13>1 - h a p m [ a]', 'BAD_SD_ID', 17],
    ['<13>1 - h a p m [a=1]', 'BAD_SD_ID', 18],
    ['<13>1 - h a p m [a k]', 'BAD_SD_PARAM', 20],
    ['<13>1 - h a p m [a k=v]', 'BAD_SD_PARAM', 20],
    ['<13>1 - h a p m [a ="v"]', 'BAD_SD_PARAM', 19],
    ['<13>1 - h a p m [a k="v"l="w"]', 'BAD_SD_PARAM', 24],
    ['<13>1 - h a p m [', 'UNTERMINATED_SD', 17],
    ['<13>1 - h a p m [a', 'UNTERMINATED_SD', 18],
    ['<13>1 - h a p m [a k="v', 'UNTERMINATED_SD', 23],
    [String.raw`<13>1 - h a p m [a k="v\"`, 'UNTERMINATED_SD', 25],
    [String.raw`<13>1 - h a p m [a k="v\"]`, 'UNTERMINATED_SD', 26],
  ]
  for (const [text, code, at] of cases) {
    const found = parseRfc5424(text)
    assert.deepEqual(found.ok ? 'read' : [found.code, found.at], [code, at], text)
  }
})

test('what was read before an error is kept', () => {
  const found = parseRfc5424('<34>1 2003-10-11T22:14:15.003Z host su 1 ID [a')
  assert.ok(!found.ok)
  assert.deepEqual(
    { ...found.partial },
    {
      facility: 4,
      severity: 2,
      version: 1,
      timestamp: '2003-10-11T22:14:15.003Z',
      time: Date.UTC(2003, 9, 11, 22, 14, 15, 3),
      hostname: 'host',
      appName: 'su',
      procId: '1',
      msgId: 'ID',
      problems: [],
    },
  )
})

test('a version after the PRI tells RFC 5424 from RFC 3164', () => {
  for (const text of ['<13>1 x', '<13>12 x', '<13>999 x']) assert.ok(looksLikeRfc5424(text), text)
  for (const text of ['<13>Oct  9', '<13>1234 x', '<13>01 x', '<13>1', '13>1 x', '<13>1: x', '<999>1 x'])
    assert.ok(!looksLikeRfc5424(text), text)
})

const field = (most: number) =>
  fc
    .string({
      unit: fc.integer({ min: 33, max: 126 }).map((c) => String.fromCharCode(c)),
      minLength: 1,
      maxLength: most,
    })
    .filter((s) => s !== '-')
const sdName = field(32).filter((s) => !/[=\]"]/.test(s))
const escaped = (value: string) => value.replace(/["\\\]]/g, '\\$&')

test('law: what is written by the grammar is read back', () => {
  fc.assert(
    fc.property(
      fc.record({
        pri: fc.integer({ min: 0, max: 191 }),
        host: field(255),
        app: field(48),
        proc: field(128),
        msgid: field(32),
        data: fc.uniqueArray(
          fc.tuple(sdName, fc.array(fc.tuple(sdName, fc.string({ unit: 'grapheme' })), { maxLength: 4 })),
          { selector: ([id]) => id, maxLength: 3 },
        ),
        message: fc.string({ unit: 'grapheme' }).filter((s) => !s.startsWith('\uFEFF')),
      }),
      ({ pri, host, app, proc, msgid, data, message }) => {
        const sd = data
          .map(([id, params]) => `[${[id, ...params.map(([n, v]) => `${n}="${escaped(v)}"`)].join(' ')}]`)
          .join('')
        const m = good(`<${pri}>1 2024-05-06T07:08:09Z ${host} ${app} ${proc} ${msgid} ${sd || '-'} ${message}`)
        assert.deepEqual(
          [
            m.facility * 8 + m.severity,
            m.hostname,
            m.appName,
            m.procId,
            m.msgId,
            m.structuredData,
            m.message,
            m.problems,
          ],
          [pri, host, app, proc, msgid, data.map(([id, params]) => ({ id, params })), message, []],
        )
      },
    ),
  )
})
