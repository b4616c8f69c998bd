import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { CodecError } from './errors.ts'
import { type EventBatch, eventId } from './event-batch.ts'
import { decodeRecord, encodeRecord, lendRecord, recordOverhead } from './record.ts'

const max = 2 ** 20

const events = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5_000 }), fc.uint8Array({ maxLength: 300 })), { maxLength: 60 })
  .map((pairs) => {
    let line = -1
    return pairs.map(([gap, bytes]) => {
      line += 1 + gap
      return { line, bytes: Buffer.from(bytes) }
    })
  })

const batches: fc.Arbitrary<EventBatch> = fc
  .record({
    tenant: fc.string({ unit: 'grapheme', maxLength: 64 }),
    batch: fc.string({ maxLength: 128 }),
    arrival: fc.maxSafeNat(),
    events,
  })
  .map(({ events, ...rest }) => ({
    ...rest,
    lines: events.map(({ line }) => line),
    events: events.map(({ bytes }) => bytes),
  }))

const sample: EventBatch = {
  tenant: 'acme',
  batch: 'b-1',
  arrival: 1_700_000_000_000,
  lines: [0, 2, 70_000],
  events: ['{"a":1}', '{}', '{"b":"ü"}'].map((text) => Buffer.from(text)),
}

/** A record whose checksum is right whatever stands in it. */
function sealed(record: Buffer): Buffer {
  record.writeUInt32LE(crc32(record.subarray(8)), 4)
  return record
}

const refused = (record: Buffer, code: string, message: RegExp, limit = max) =>
  assert.throws(
    () => decodeRecord(record, limit),
    (error: unknown) => error instanceof CodecError && error.code === code && message.test(error.message),
  )

test('what goes in comes out, byte for byte', () => {
  fc.assert(fc.property(batches, (batch) => assert.deepEqual(decodeRecord(encodeRecord(batch), max), batch)))
})

test('a record is never longer than its events and the announced overhead', () => {
  fc.assert(
    fc.property(batches, (batch) => {
      const size = batch.events.reduce((sum, event) => sum + event.length, 0)
      assert.ok(encodeRecord(batch).length <= size + recordOverhead(batch.tenant, batch.batch, batch.events.length))
    }),
  )
})

test('events of a kind shrink', () => {
  const many = Array.from({ length: 500 }, (_, i) =>
    Buffer.from(`{"EventID":4624,"Channel":"Security","Computer":"ws${i % 7}"}`),
  )
  const record = encodeRecord({ ...sample, lines: many.keys().toArray(), events: many })
  assert.ok(record.length * 10 < Buffer.concat(many).length)
})

test('every change of a single byte is noticed', () => {
  const record = encodeRecord(sample)
  fc.assert(
    fc.property(fc.nat({ max: record.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const bad = Buffer.from(record)
      bad[at]! ^= flip
      // The coding byte alone is outside of the checksum, and its other value cannot unfold.
      assert.throws(() => decodeRecord(bad, max), CodecError)
    }),
  )
})

test('every truncation, and any bytes at all, are refused with a CodecError', () => {
  const record = encodeRecord(sample)
  for (let length = 0; length < record.length; length++)
    assert.throws(() => decodeRecord(record.subarray(0, length), max), CodecError)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.throws(() => decodeRecord(Buffer.from(bytes), max), CodecError)
      const headed = Buffer.concat([Buffer.from('4e440100', 'hex'), Buffer.alloc(8), Buffer.from(bytes)])
      headed.writeUInt32LE(bytes.length, 8)
      try {
        decodeRecord(sealed(headed), max)
      } catch (error) {
        assert.ok(error instanceof CodecError)
      }
    }),
  )
})

test('says what it does not know', () => {
  refused(Buffer.from('{"not":"a record"}'), 'NOT_A_RECORD', /^These 18 bytes are not an event record/)
  const newer = encodeRecord(sample)
  newer[2] = 2
  refused(newer, 'UNKNOWN_VERSION', /has version 2; this reader knows version 1\. Upgrade the reader/)
  const coded = encodeRecord(sample)
  coded[3] = 9
  refused(coded, 'UNKNOWN_VERSION', /coding is 9/)
  const broken = encodeRecord(sample)
  broken[broken.length - 1]! ^= 1
  refused(broken, 'CORRUPT', /does not match its checksum/)
})

test('a record cannot unfold beyond the limit, whether it says so or lies', () => {
  const bomb = zstdCompressSync(Buffer.alloc(50 * 2 ** 20))
  const record = Buffer.concat([Buffer.from('4e440101', 'hex'), Buffer.alloc(8), bomb])
  record.writeUInt32LE(50 * 2 ** 20, 8)
  refused(sealed(record), 'TOO_LARGE', /unfolds to 52428800 bytes, more than the 1048576/)
  record.writeUInt32LE(1_000, 8)
  refused(sealed(record), 'CORRUPT', /does not unfold to the 1000 bytes/)
})

test('a body that announces more than it has is refused before anything is allocated for it', () => {
  const body = Buffer.concat([Buffer.from([0, 0]), Buffer.alloc(8), Buffer.from([0xff, 0xff, 0xff, 0x7f])])
  const record = Buffer.concat([Buffer.from('4e440100', 'hex'), Buffer.alloc(8), body])
  record.writeUInt32LE(body.length, 8)
  refused(sealed(record), 'CORRUPT', /announces 268435455 events in 0 bytes/)
})

test('refuses to write what it could not read back', () => {
  const write = (change: Partial<EventBatch>) => () => encodeRecord({ ...sample, ...change })
  assert.throws(write({ lines: [0, 1] }), /3 events but 2 line numbers/)
  assert.throws(write({ lines: [0, 2, 2] }), /increasing; 2 follows 2/)
  assert.throws(write({ lines: [-1, 2, 3] }), /whole and increasing/)
  assert.throws(write({ arrival: 1.5 }), /Arrival 1\.5 is not a whole number/)
})

test('an event is known by tenant, batch and line', () => {
  assert.equal(eventId('acme', 'b-1', 70_000), 'acme/b-1/70000')
})

test('what is lent is the same, and its memory goes back without a collection; that of plain records is theirs', () => {
  fc.assert(
    fc.property(batches, (batch) => {
      const record = encodeRecord(batch)
      const { done, bytes, offsets, ...lent } = lendRecord(record, max)
      const events = lent.lines.map((_, i) => bytes.subarray(offsets[i], offsets[i + 1]))
      assert.deepEqual({ ...lent, events }, decodeRecord(record, max))
      const { buffer } = bytes
      assert.ok(buffer instanceof ArrayBuffer)
      const plain = buffer === record.buffer
      done()
      if (plain) assert.deepEqual(decodeRecord(record, max), batch)
      else assert.equal(buffer.detached, buffer !== Buffer.from('pooled').buffer)
    }),
  )
})
