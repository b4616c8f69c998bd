import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { detectFraming, type Frame, Framer } from './framing.ts'

const options = { maxFrame: 64, kept: 8, maxSkip: 10_000 }
const shown = (frame: Frame) =>
  frame.kind === 'oversize' ? [frame.kind, frame.bytes.toString(), frame.length] : [frame.kind, frame.bytes.toString()]
const cut = (chunks: readonly (string | Buffer)[], o = options) => {
  const framer = new Framer(o)
  const frames = chunks.flatMap((chunk) => framer.push(Buffer.from(chunk)))
  return [...frames, ...framer.end()].map(shown)
}
const all = (text: string, o = options) => cut([text], o)
const bytewise = (text: string, o = options) =>
  cut(
    [...Buffer.from(text)].map((byte) => Buffer.from([byte])),
    o,
  )

test('the method is told from the first bytes', () => {
  const cases: [string, string | undefined][] = [
    ['<34>1 -', 'non-transparent'],
    ['12 <34>1', 'octet-counting'],
    ['12 CEF:0', 'octet-counting'],
    ['12 LEEF:1', 'octet-counting'],
    ['12 LEE', undefined],
    ['12 C', undefined],
    ['12 Monkeys', 'non-transparent'],
    ['12 LEER', 'non-transparent'],
    ['2026-01-05T', 'non-transparent'],
    ['2026 Oct 9', 'non-transparent'],
    ['0 <34>', 'non-transparent'],
    ['012 <34>', 'non-transparent'],
    ['12345678901 <', 'non-transparent'],
    ['1234567890 <', 'octet-counting'],
    ['Oct  9', 'non-transparent'],
    ['\n', 'non-transparent'],
    ['', undefined],
    ['12', undefined],
    ['12 ', undefined],
  ]
  for (const [text, framing] of cases) assert.equal(detectFraming(Buffer.from(text)), framing, text)
})

test('lines: LF, CRLF and NUL end them; empty ones are none; the last needs no end', () => {
  const expected = ['<1>a', '<2>b', '<3>c', '<4>d'].map((text) => ['frame', text])
  for (const way of [all, bytewise]) assert.deepEqual(way('<1>a\n\n<2>b\r\n<3>c\0\r\n<4>d'), expected)
  assert.deepEqual(all('<1>a\rb\n'), [['frame', '<1>a\rb']])
})

test('counted frames: whatever is in them, and a line end that was not counted', () => {
  const text = '6 <1>a\nb5 <2>\0c\n4 <3>d0 4 <4>e'
  for (const way of [all, bytewise])
    assert.deepEqual(way('6 <1>a\nb5 <2>\0c\n4 <3>d4 <4>e'), [
      ['frame', '<1>a\nb'],
      ['frame', '<2>\0c'],
      ['frame', '<3>d'],
      ['frame', '<4>e'],
    ])
  // A count may not begin with a zero.
  assert.deepEqual(all(text).at(-1), ['broken', '0 4 <4>e'])
})

test('a stream that is no sequence of counted frames is broken off, once', () => {
  for (const bad of ['x', '4x<1>a', '-4 <1>', '01 <', '99999999999 <', '10001 <1>']) {
    for (const way of [all, bytewise]) {
      const frames = way(`4 <1>a${bad}`)
      assert.deepEqual(frames[0], ['frame', '<1>a'], bad)
      assert.equal(frames[1]?.[0], 'broken', bad)
      assert.equal(frames.length, 2, bad)
    }
  }
})

test('an oversize frame keeps its beginning, says its length, and the next one is read', () => {
  const long = `<1>${'x'.repeat(97)}`
  for (const way of [all, bytewise]) {
    assert.deepEqual(way(`${long}\n<2>b\n`), [
      ['oversize', '<1>xxxxx', 100],
      ['frame', '<2>b'],
    ])
    assert.deepEqual(way(`4 <0>a100 ${long}4 <2>b`), [
      ['frame', '<0>a'],
      ['oversize', '<1>xxxxx', 100],
      ['frame', '<2>b'],
    ])
    assert.deepEqual(way(`<1>${'x'.repeat(61)}\n`), [['frame', `<1>${'x'.repeat(61)}`]])
    assert.deepEqual(way(`64 <1>${'x'.repeat(61)}`), [['frame', `<1>${'x'.repeat(61)}`]])
    assert.deepEqual(way(`65 <1>${'x'.repeat(62)}`), [['oversize', '<1>xxxxx', 65]])
    assert.deepEqual(way(long), [['oversize', '<1>xxxxx', 100]])
  }
})

test('a stream that ends within a counted frame gives what there was', () => {
  for (const way of [all, bytewise]) {
    assert.deepEqual(way('4 <1>a20 <2>half'), [
      ['frame', '<1>a'],
      ['truncated', '20 <2>half'],
    ])
    assert.deepEqual(way('4 <1>a12'), [
      ['frame', '<1>a'],
      ['truncated', '12'],
    ])
  }
})

test('what is held back stays within a frame and its count, however slowly it comes', () => {
  for (const start of ['<1>', '60 <1>', '5000 <1>']) {
    const framer = new Framer(options)
    framer.push(Buffer.from(start))
    for (let i = 0; i < 5_000; i++) {
      framer.push(Buffer.from('x'))
      assert.ok(framer.heldBytes <= 64 + 8, `${start}: ${framer.heldBytes}`)
    }
  }
})

const message = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.concat([Buffer.from('<1>'), bytes]))
/** The same bytes in chunks of other sizes. */
const chunked = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
  const chunks: Buffer[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}
const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 })

test('law: counted frames come out as they went in, however they are cut', () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 10 }), sizes, (messages, cuts) => {
      const stream = Buffer.concat(messages.flatMap((m) => [Buffer.from(`${m.length} `), m]))
      assert.deepEqual(
        cut(chunked(stream, cuts)),
        messages.map((m) => ['frame', m.toString()]),
      )
    }),
  )
})

test('law: any bytes, cut in any way, give the same frames', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b)),
    fc
      .string({ unit: fc.constantFrom('1', '0', '9', ' ', '<', 'C', 'EF:', '\n', '\0', '\r', 'x'), maxLength: 300 })
      .map((s) => Buffer.from(s)),
  )
  fc.assert(
    fc.property(bytes, sizes, (stream, cuts) => {
      // Of a broken stream no more is shown than had come.
      const kinds = (frames: ReturnType<typeof cut>) =>
        frames.map((frame) => (frame[0] === 'broken' ? ['broken'] : frame))
      assert.deepEqual(kinds(cut(chunked(stream, cuts))), kinds(cut([stream])))
    }),
    { numRuns: 2_000 },
  )
})
