import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maxValueBytes } from '../../common/bus/outbox.ts'
import { deadLetterRecords, keptBytes } from './dead-letters.ts'

const identity = { tenant: 'acme', batch: 'b', arrival: 5 }

test('dead letters keep the reason, the line and the first bytes; many become several records', () => {
  const bytes = Buffer.alloc(20_000, 0xff)
  const rejected = Array.from({ length: 300 }, (_, line) => ({ line, bytes, reason: 'INVALID_UTF8' as const }))
  const records = deadLetterRecords(rejected, identity)
  assert.ok(records.length > 1)
  const letters = records.flatMap(({ value, topic, partition }) => {
    assert.ok(value.length <= maxValueBytes('events.dead-letter'))
    assert.deepEqual([topic, partition], ['events.dead-letter', 0])
    const { letters, ...head } = JSON.parse(value.toString())
    assert.deepEqual(head, { version: 1, ...identity })
    return letters
  })
  assert.equal(letters.length, 300)
  assert.deepEqual(
    { ...letters[7], bytes: Buffer.from(letters[7].bytes, 'base64') },
    { line: 7, reason: 'INVALID_UTF8', length: 20_000, bytes: bytes.subarray(0, keptBytes) },
  )
  assert.deepEqual(deadLetterRecords([], identity), [])
})
