import assert from 'node:assert/strict'
import { parseCef } from '../../../services/common/formats/cef/cef.ts'
import { parseLeef } from '../../../services/common/formats/leef/leef.ts'
import { readMessage } from '../../../services/common/formats/message.ts'
import { parseRfc3164 } from '../../../services/common/formats/syslog/rfc3164.ts'
import { parseRfc5424 } from '../../../services/common/formats/syslog/rfc5424.ts'
import type { Corpus } from '../mutate.ts'
import { bytes, near, type Target } from './target.ts'

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

/** The texts of one message each. */
export const texts = {
  rfc5424: textTarget(rfc5424, parseRfc5424),
  rfc3164: textTarget(rfc3164, (text) => parseRfc3164(text, near)),
  cef: textTarget(cef, (text) => parseCef(text, near)),
  leef: textTarget(leef, (text) => parseLeef(text, near)),
} as const
