import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeRecord } from '../../common/codec/record.ts'
import { latest } from '../../common/events/time.ts'
import { deadLetter } from './dead-letters.ts'
import { type EventRecord, keptBytes, readRecord } from './record.ts'

const read = (value: Buffer, maxBytes = 1_000) =>
  readRecord({ offset: 7n, key: null, value, timestamp: 0 }, maxBytes, 3)
const encode = (more: { arrival?: number; lines?: number[] } = {}) =>
  encodeRecord({ tenant: 't', batch: 'b', arrival: 5, lines: [2], events: [Buffer.from('{"a":1}')], ...more })

test('a record waits unfolded, with what cutting and identity need', () => {
  const value = encode()
  const { value: copy, done, ...rest } = read(value) as EventRecord
  assert.equal(typeof done, 'function')
  assert.deepEqual(rest, {
    kind: 'events',
    offset: 7n,
    takenAt: 3,
    since: 0,
    tenant: 't',
    batch: 'b',
    arrival: 5,
    lines: [2],
    bytes: Buffer.from('{"a":1}'),
    offsets: Uint32Array.of(0, 7),
  })
  assert.deepEqual(copy, value)
  value.fill(0)
  assert.deepEqual(copy, encode())
})

test('what cannot be read says why and keeps its beginning', () => {
  const spoiled = encode()
  spoiled.writeUInt8(0, spoiled.length - 1)
  const foreign = Buffer.concat([Buffer.from('ND\t\0'), Buffer.alloc(20)])
  const cases = {
    NOT_A_RECORD: Buffer.alloc(0),
    UNKNOWN_VERSION: foreign,
    CORRUPT: spoiled,
    OUT_OF_RANGE: encode({ arrival: latest + 1 }),
  }
  for (const [reason, value] of Object.entries(cases)) {
    const record = read(value)
    assert.deepEqual([record.kind, 'reason' in record && record.reason], ['unreadable', reason])
  }
  const large = read(encode(), 3)
  assert.equal(large.kind === 'unreadable' && large.reason, 'TOO_LARGE')
})

test('law: no bytes make it throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void read(Buffer.from(bytes))))
})

test('a dead letter names its record and keeps its first bytes', () => {
  const value = Buffer.alloc(20_000, 0xab)
  const record = read(value)
  assert.ok(record.kind === 'unreadable')
  const { value: json, ...rest } = deadLetter({ topic: 'events.raw', partition: 3 }, record)
  assert.deepEqual(rest, { topic: 'events.dead-letter', partition: 0, key: Buffer.from('events.raw:3:7') })
  const { bytes, ...letter } = JSON.parse(json.toString())
  assert.deepEqual(letter, {
    version: 1,
    topic: 'events.raw',
    partition: 3,
    offset: 7,
    reason: 'NOT_A_RECORD',
    length: 20_000,
  })
  assert.deepEqual(Buffer.from(bytes, 'base64'), value.subarray(0, keptBytes))
})
