import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { parseCef } from '../../services/common/formats/cef/cef.ts'
import type { OtlpFields } from '../../services/common/formats/event.ts'
import { parseLeef } from '../../services/common/formats/leef/leef.ts'
import { readMessage } from '../../services/common/formats/message.ts'
import { OtlpError } from '../../services/common/formats/otlp/any-value.ts'
import { findJsonRecords } from '../../services/common/formats/otlp/json.ts'
import { findRecords } from '../../services/common/formats/otlp/protobuf.ts'
import { type Frame, Framer } from '../../services/common/formats/syslog/framing.ts'
import { parseRfc3164 } from '../../services/common/formats/syslog/rfc3164.ts'
import { parseRfc5424 } from '../../services/common/formats/syslog/rfc5424.ts'
import { scanJson } from '../../services/siem/event-collector/json.ts'
import { recordEvent } from '../../services/siem/event-collector/otlp/record-event.ts'
import type { Corpus } from './mutate.ts'

/** A parser under test: what its inputs are made of, and one run, which throws where the parser breaks a promise. */
export interface Target extends Corpus {
  readonly run: (input: Buffer) => void
}

const near = Date.UTC(2026, 9, 20)
const bytes = (...texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text))
const code = /^[A-Z0-9_]+$/

/** A fixed set of codes, places inside the text, and an event that can be written as JSON and read back. */
function judged(
  found: { ok: boolean; code?: string; at?: number; value?: { problems: readonly string[]; time: number | undefined } },
  text: string,
): void {
  if (!found.ok) {
    assert.match(found.code ?? '', code)
    assert.ok(
      found.at !== undefined && found.at >= 0 && found.at <= text.length + 1,
      `at ${found.at} of ${text.length}`,
    )
    return
  }
  for (const problem of found.value!.problems) assert.match(problem, code)
  assert.ok(found.value!.time === undefined || Number.isSafeInteger(found.value!.time))
}

function whole(input: Buffer): void {
  const { event, text, utf8 } = readMessage(input, near)
  assert.equal(Buffer.from(text, utf8 ? 'utf8' : 'latin1').equals(input), true, 'the text is not the bytes')
  const written = JSON.stringify(event)
  assert.equal(JSON.stringify(JSON.parse(written)), written)
}

const textTarget = (corpus: Corpus, parse: (text: string) => Parameters<typeof judged>[0]): Target => ({
  ...corpus,
  run: (input) => {
    const text = input.toString()
    judged(parse(text), text)
    whole(input)
  },
})

const syslogTokens = bytes(
  '<',
  '>',
  '<34>',
  '<191>',
  '<192>',
  '1 ',
  ' - ',
  '-',
  ' ',
  '[',
  ']',
  '"',
  '=',
  '\\"',
  '\\]',
  '\\\\',
  '="',
  '"]',
  '[a@1 ',
  ' k="v"',
  '\uFEFF',
  '2003-10-11T22:14:15.003Z',
  '2003-10-11T22:14:15+02:00',
  'Oct 11 22:14:15',
  ':',
  ': ',
  '[123]',
  '%SYS-5-CONFIG_I: ',
  '*',
  'CEF:0|',
  'LEEF:1.0|',
  'fe80::1',
)
const rfc5424: Corpus = {
  seeds: bytes(
    "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \uFEFF'su root' failed for lonvick on /dev/pts/8",
    "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
    '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"] An entry',
    '<165>1 2003-10-11T22:14:15.003Z h evntslog - ID47 [a@32473 iut="3"][b@32473 class="hi\\"g\\]h\\\\" class=""]',
    '<0>1 - - - - - -',
    '<14>1 2026-10-09T22:33:20.123456Z relay app 1 m [x y="z"] CEF:0|v|p|1|c|n|3|src=1.2.3.4 msg=a b',
  ),
  tokens: syslogTokens,
}
const rfc3164: Corpus = {
  seeds: bytes(
    "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
    '<13>Oct  9 2024 22:33:20.123 host app[7]: text',
    '<189>29: *Mar  1 18:48:50.483 UTC: %SYS-5-CONFIG_I: Configured from console by vty0',
    '<187>router1 345: .Oct 19 18:48:50 CEST: %LINK-3-UPDOWN: Interface down',
    '<166>Oct 09 2024 22:33:20 fw01 : %ASA-6-302013: Built outbound TCP connection',
    '<13>2026-10-09T22:33:20.123456+02:00 fe80::1 postfix/smtpd[99]: connect',
    '<14>Oct  9 22:33:20 relay LEEF:2.0|v|p|1|e|^|a=1^b=2',
    'Oct  9 22:33:20 h a: x',
  ),
  tokens: syslogTokens,
}
const cef: Corpus = {
  seeds: bytes(
    'CEF:0|Security|threatmanager|1.0|100|worm successfully stopped|10|src=10.0.0.1 dst=2.1.2.2 spt=1232',
    'CEF:1|Palo Alto Networks|PAN-OS|10|THREAT|virus|Very-High|rt=Oct 09 2024 22:33:20 cs1=x y cs1Label=Rule name request=http://h/?a=1&b=2',
    String.raw`CEF:0|a\|b|c\\|d|e|f = g|3|msg=a\=b \\ c\nd path=C:\\x ad.name=v arr[0]=w`,
    'CEF:0|v|p||c|n|',
  ),
  tokens: bytes(
    '|',
    '\\|',
    '\\\\',
    '\\=',
    '=',
    ' ',
    ' k=',
    'cs1Label=',
    'cs1=',
    '\\n',
    '\\',
    'CEF:',
    'CEF:0|',
    '|10|',
    'rt=',
    'a.b[0]=',
    '==',
  ),
}
const leef: Corpus = {
  seeds: bytes(
    'LEEF:1.0|Microsoft|MSExchange|4.0 SP1|15345|src=192.0.2.0\tdst=172.50.123.1\tsev=5\tdevTime=Oct 09 2024 22:33:20',
    'LEEF:2.0|Lancope|StealthWatch|1.0|41|^|src=10.0.1.8^dst=10.0.0.5^sev=5',
    'LEEF:2.0|v|p|1|e|0x09|a=1\tb=2',
    'LEEF:2.0|v|p|1|e|a=1\tb=2',
  ),
  tokens: bytes('|', '=', '\t', '^', 'x09', '0x', 'LEEF:', 'LEEF:2.0|', 'devTime=', '\\|', ' ', 'a=', '|^|', 'x5E|'),
}
const framing: Corpus = {
  seeds: bytes(
    '6 <1>a\nb5 <2>\0c\n4 <3>d',
    '<1>a\n<2>b\r\n<3>c\0<4>d',
    '20 <34>1 - - - - - - - 5 <1>ab',
    '200 <1>',
    '12 CEF:0|v|p|1',
  ),
  tokens: bytes(
    '\n',
    '\r\n',
    '\0',
    '4 <1>a',
    '0',
    '1',
    '9',
    '99999',
    ' ',
    '<',
    'CEF:',
    'LEEF:',
    '64 ',
    '65 <',
    '10000 ',
  ),
}

const text = (value: string) => JSON.stringify({ stringValue: value })
const logs = (...records: string[]) =>
  `{"resourceLogs":[{"resource":{"attributes":[]},"scopeLogs":[{"scope":{"name":"s"},"logRecords":[${records.join()}]}]}]}`
const otlp: Corpus = {
  seeds: [
    ...bytes(
      logs(
        `{"timeUnixNano":"1760000000123456789","severityNumber":9,"body":${text('hello')},"attributes":[{"key":"a","value":{"intValue":"5"}}]}`,
      ),
      logs(
        `{"body":{"kvlistValue":{"values":[{"key":"k","value":{"arrayValue":{"values":[${text('x')}]}}}]}}}`,
        '{"traceId":"0af7"}',
      ),
      '{"resourceLogs":[]}',
    ),
    // As OpenTelemetry's SDK writes them.
    Buffer.from(
      '0a91010a150a110a09686f73742e6e616d6512040a027731100012780a060a0173120131126e090100b0d4acc66c1810091a04494e464f2a070a0568656c6c6f32070a016112021805321d0a016212182a160a0218010a030a01780a0b32090a070a016b12021001380045010000004a100af7651916cd43dd8448eb211c80319c5208b7ad6b71692033315901ca9a3b000000000a84010a150a110a09686f73742e6e616d6512040a0277311000126b0a060a01731201311261090100b0d4acc66c1810091a04494e464f2a1b32190a170a016b12122a100a030a01780a0921000000000000e03f32070a016112021805321d0a016212182a160a0218010a030a01780a0b32090a070a016b1202100138005901ca9a3b00000000',
      'hex',
    ),
    Buffer.from(
      '0a600a150a110a09686f73742e6e616d6512040a027731100012470a060a0173120131123d090100b0d4acc66c1810091a04494e464f380045010000004a100af7651916cd43dd8448eb211c80319c5208b7ad6b71692033315901ca9a3b00000000',
      'hex',
    ),
  ],
  tokens: [
    ...bytes(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\"',
      '"resourceLogs":',
      '"scopeLogs":[',
      '"logRecords":[',
      '"body":',
      '"arrayValue":{"values":[',
      '"stringValue":"x"',
      'null',
      '1e400',
      '"timeUnixNano":"1"',
    ),
    ...['0a', '12', '2a', '32', '0a02', '3a00', 'ffffffffffffffffff01', '0b', '0c', '09', '08', '80', '2a0a0a08'].map(
      (hex) => Buffer.from(hex, 'hex'),
    ),
  ],
}

/** Both readers; what they find, they read or refuse by their own errors, and an event of it can be written. */
function records(input: Buffer): void {
  for (const encoding of ['protobuf', 'json'] as const) {
    let found: readonly { readonly bytes: Buffer; readonly read: () => OtlpFields }[] = []
    try {
      found = encoding === 'protobuf' ? findRecords(input) : findJsonRecords(input)
    } catch (error) {
      expected(error)
      continue
    }
    for (const { bytes: part, read } of found) {
      assert.ok(input.includes(part))
      if (encoding === 'json') JSON.parse(part.toString())
      try {
        const fields = read()
        JSON.parse(recordEvent(fields, { bytes: part, encoding }, near, { aheadMs: 1, behindMs: 1 }).bytes.toString())
      } catch (error) {
        expected(error)
      }
    }
  }
}

/** OtlpError, JSON's SyntaxError, and what protobufjs throws: RangeError for an early end, Error for a wire type that is none. */
function expected(error: unknown): void {
  if (error instanceof OtlpError || error instanceof SyntaxError) return
  assert.match(
    String(error),
    /^(RangeError: index out of range|Error: invalid (wire type|varint encoding)|Error: maximum nesting depth)/,
  )
}

const json: Corpus = {
  seeds: bytes(
    '{"a":1,"b":[true,false,null,-1.5e+3],"c":{"d":"e\\u0041\\n"}}',
    ' { "@timestamp" : "2026-10-20T12:00:00Z" } ',
    '[{},[],""]',
    '{"":{"":{"":0}}}',
  ),
  tokens: bytes(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\u',
    '\\u00',
    '\\"',
    '0',
    '-',
    '.',
    'e',
    'E+',
    'true',
    'null',
    'false',
    ' ',
    '\n',
    '"a":',
    '{"a":',
    '[[[',
  ),
}

/** The collector's scan says what JSON.parse says. */
function scanned(input: Buffer): void {
  if (!isUtf8(input)) return
  let expected: 'object' | 'value' | undefined
  try {
    const value: unknown = JSON.parse(input.toString())
    expected = typeof value === 'object' && value !== null && !Array.isArray(value) ? 'object' : 'value'
  } catch {
    // No JSON.
  }
  assert.equal(scanJson(input, 0, input.length), expected)
}

const limits = { maxFrame: 64, kept: 8, maxSkip: 20_000 }

/** The frames of a stream that comes in chunks of so many bytes. */
function frames(input: Buffer, chunk: number): Frame[] {
  const framer = new Framer(limits)
  const all: Frame[] = []
  for (let at = 0; at < input.length; at += chunk) {
    all.push(...framer.push(input.subarray(at, at + chunk)))
    assert.ok(framer.heldBytes <= limits.maxFrame + 16, `${framer.heldBytes} bytes are held`)
  }
  return [...all, ...framer.end()]
}

/** However it is cut; but of a broken stream it shows no more than had come. */
function framed(input: Buffer): void {
  const once = frames(input, input.length + 1)
  const pieces = frames(input, 1 + (input.length % 7))
  assert.equal(pieces.length, once.length)
  for (const [i, { kind, bytes: part }] of once.entries()) {
    const other = pieces[i]!
    if (kind === 'broken') assert.ok(other.kind === kind && part.subarray(0, other.bytes.length).equals(other.bytes))
    else assert.deepEqual(other, once[i])
    assert.ok(kind === 'truncated' || kind === 'broken' || part.length <= limits.maxFrame)
    assert.ok(input.includes(part))
  }
}

export const targets = {
  rfc5424: textTarget(rfc5424, parseRfc5424),
  rfc3164: textTarget(rfc3164, (text) => parseRfc3164(text, near)),
  cef: textTarget(cef, (text) => parseCef(text, near)),
  leef: textTarget(leef, (text) => parseLeef(text, near)),
  framing: { ...framing, run: framed },
  otlp: { ...otlp, run: records },
  json: { ...json, run: scanned },
} as const satisfies Record<string, Target>

export type TargetName = keyof typeof targets
