import assert from 'node:assert/strict'
import { type Frame, Framer } from '../../../services/common/formats/syslog/framing.ts'
import type { Corpus } from '../mutate.ts'
import { bytes, type Target } from './target.ts'

const corpus: Corpus = {
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

/** A stream of messages. */
export const framing: Target = { ...corpus, run: framed }
