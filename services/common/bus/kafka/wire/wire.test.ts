import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { crc32c } from './crc32c.ts'
import { KafkaError } from './errors.ts'
import { Frames } from './frames.ts'
import { Reader, WireError } from './reader.ts'
import { decodeBatches, encodeBatch } from './records.ts'
import { requireVersions } from './versions.ts'
import { varintSize, Writer } from './writer.ts'

const sequence = { producerId: 7n, epoch: 3, first: 11 }
const buffers = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const plain = fc.record({ key: fc.option(buffers), value: fc.option(buffers) })
const record = fc.oneof(
  plain,
  plain.map((of) => ({ ...of, traceparent })),
)

test('the checksum is CRC-32C', () => {
  // RFC 3720, B.4, and the check value of the catalogue of CRCs.
  assert.equal(crc32c(Buffer.from('123456789')), 0xe306_9283)
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a91_36aa)
  assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8_ab43)
  assert.equal(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i))), 0x46dd_794e)
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat({ max: 20 }), (bytes, start) => {
      let crc = 0xffff_ffff
      for (const byte of bytes.subarray(start)) {
        crc ^= byte
        for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1
      }
      assert.equal(crc32c(bytes, start), ~crc >>> 0)
    }),
  )
})

test('numbers of variable length read as they were written, in as many bytes as said', () => {
  fc.assert(
    fc.property(fc.integer(), (value) => {
      const { bytes } = new Writer(1).varint(value)
      assert.equal(bytes.length, varintSize(value))
      assert.equal(new Reader(bytes).varint(), value)
    }),
  )
})

test('a batch reads as it was written, from any offset on, however it is cut off and whatever follows', () => {
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 80 }),
      fc.nat({ max: 100 }),
      fc.nat({ max: 60 }),
      (records, from, cut) => {
        const batch = encodeBatch(records, 1_700_000_000_000, sequence)
        const [first, second] = [Buffer.from(batch), Buffer.from(batch)]
        second.writeBigInt64BE(BigInt(records.length), 0)
        const whole = decodeBatches(Buffer.concat([first, second]), BigInt(from))
        const wanted = [...records, ...records].map(({ key, value, ...more }, offset) => ({
          ...{ offset: BigInt(offset), key, value: value ?? Buffer.alloc(0), timestamp: 1_700_000_000_000 },
          traceparent: 'traceparent' in more ? more.traceparent : undefined,
        }))
        assert.deepEqual(
          whole.records.map((r) => ({ ...r })),
          wanted.slice(from),
        )
        assert.equal(whole.next, BigInt(Math.max(from, 2 * records.length)))
        const broken = decodeBatches(
          Buffer.concat([first, second.subarray(0, Math.max(0, second.length - 1 - cut))]),
          0n,
        )
        assert.equal(broken.next, BigInt(records.length))
      },
    ),
  )
})

/** A batch of one record whose headers somebody else wrote. */
function withHeaders(headers: Buffer): Buffer {
  const bare = encodeBatch([{ key: null, value: Buffer.from('v') }], 5, sequence)
  // Without the record's length and its number of headers, which are a byte each.
  const body = Buffer.concat([bare.subarray(62, -1), headers])
  const record = Buffer.concat([new Writer().varint(body.length).bytes, body])
  const head = Buffer.from(bare.subarray(0, 61))
  head.writeInt32BE(61 + record.length - 12, 8)
  return Buffer.concat([head, record])
}

const headersOf = (...all: readonly (readonly [name: string, value: string | null])[]): Buffer => {
  const writer = new Writer().varint(all.length)
  for (const [name, value] of all) {
    writer.varint(name.length).raw(Buffer.from(name))
    if (value === null) writer.varint(-1)
    else writer.varint(value.length).raw(Buffer.from(value))
  }
  return writer.bytes
}

test('of the headers that anybody writes, the one of ours is found; a record with others is read as well', () => {
  const found = (headers: Buffer) => {
    const { records } = decodeBatches(withHeaders(headers), 0n)
    assert.equal(records[0]?.value.toString(), 'v')
    return records[0]?.traceparent
  }
  assert.equal(found(headersOf(['traceparent', traceparent])), traceparent)
  assert.equal(found(headersOf(['tracestate', 'a=b'], ['other', null], ['traceparent', traceparent])), traceparent)
  assert.equal(found(headersOf(['other', 'value'])), undefined)
  assert.equal(found(headersOf(['traceparent', null])), '')
  assert.equal(found(headersOf(['traceparent', 'x'.repeat(1_000)])), undefined)
  fc.assert(
    fc.property(buffers, (bytes) => {
      found(bytes.length === 0 ? Buffer.of(0) : bytes)
    }),
    { numRuns: 500 },
  )
})

const refold = (batch: Buffer, attribute: number, fold: (bytes: Buffer) => Buffer) => {
  const head = Buffer.from(batch.subarray(0, 61))
  const body = fold(batch.subarray(61))
  head.writeInt16BE(attribute, 21)
  head.writeInt32BE(61 + body.length - 12, 8)
  return Buffer.concat([head, body])
}

test('batches that brokers compress are unfolded; control batches carry no records; others are refused by name', () => {
  const batch = encodeBatch([{ key: null, value: Buffer.from('x'.repeat(500)) }], 5, sequence)
  for (const folded of [refold(batch, 1, gzipSync), refold(batch, 4, zstdCompressSync)])
    assert.equal(decodeBatches(folded, 0n).records[0]?.value.length, 500)
  assert.deepEqual(
    decodeBatches(
      refold(batch, 0x20, (bytes) => bytes),
      0n,
    ),
    { records: [], next: 1n },
  )
  assert.throws(
    () =>
      decodeBatches(
        refold(batch, 3, (bytes) => bytes),
        0n,
      ),
    /algorithm 3 \(snappy or lz4\)/,
  )
  const old = Buffer.from(batch)
  old[16] = 1
  assert.throws(() => decodeBatches(old, 0n), /format 1/)
})

test('whatever bytes come, records are read or WireError says that they cannot be', () => {
  const batch = encodeBatch([{ key: Buffer.from('k'), value: Buffer.from('v'.repeat(40)) }], 5, sequence)
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: batch.length - 1 }), fc.nat({ max: 255 })), { maxLength: 6 }),
      (edits) => {
        const bytes = Buffer.from(batch)
        for (const [at, value] of edits) bytes[at] = value
        try {
          decodeBatches(bytes, 0n)
        } catch (error) {
          assert.ok(error instanceof WireError, String(error))
        }
      },
    ),
    { numRuns: 2_000 },
  )
})

test('answers come whole, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(buffers, { maxLength: 10 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 90 })),
      (frames, cuts) => {
        const stream = Buffer.concat(frames.flatMap((frame) => [new Writer().int32(frame.length).bytes, frame]))
        const seen: Buffer[] = []
        const cutter = new Frames((frame) => seen.push(Buffer.from(frame)))
        for (let at = 0; at < stream.length; ) {
          const size = cuts.next().value!
          cutter.push(stream.subarray(at, at + size))
          at += size
        }
        assert.deepEqual(seen, frames)
      },
    ),
  )
  assert.throws(() => new Frames(() => {}).push(Buffer.from('HTTP/1.1 400')), WireError)
})

test('an answer that ends early, or claims more than it has, is refused', () => {
  assert.throws(() => new Reader(Buffer.alloc(3)).int32(), WireError)
  assert.throws(() => new Reader(new Writer().int32(1_000_000).bytes).array((r) => r.int8()), /1000000 items/)
  assert.throws(() => new Reader(Buffer.alloc(12, 0xff)).varint(), /more than ten bytes/)
})

test('a broker that does not take what we send is named at once', () => {
  const all = Array.from({ length: 40 }, (_, key) => ({ key, min: 0, max: 20 }))
  requireVersions(all)
  assert.throws(
    () => requireVersions(all.map((range) => (range.key === 0 ? { ...range, min: 9 } : range))),
    /does not take Produce 7 \(it takes 9 to 20\)\. Brokers from 2\.8 to 4\.x do/,
  )
})

test('refusals say what can be done', () => {
  const traits = (number: number) => {
    const { code, retry, stale, fenced } = new KafkaError(number, 'x')
    return [code, retry, stale, fenced]
  }
  assert.deepEqual(traits(6), ['NOT_LEADER_OR_FOLLOWER', true, true, false])
  assert.deepEqual(traits(22), ['ILLEGAL_GENERATION', false, false, true])
  assert.deepEqual(traits(10), ['MESSAGE_TOO_LARGE', false, false, false])
  assert.deepEqual(traits(12_345), ['UNKNOWN', false, false, false])
})
