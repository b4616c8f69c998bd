import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Cursors } from './cursor.ts'

const cursors = new Cursors('secret')
const search = { source: 'events', limit: 7 }

test('a cursor opens for its tenant and question, whichever replica made it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.nat(), (batch, line) => {
      const position = ['2026-01-05T10:00:00.000Z', batch, line]
      const cursor = cursors.seal(position, 'acme', search)
      assert.deepEqual(new Cursors('secret').open(cursor, 'acme', search), position)
      assert.equal(cursors.open(cursor, 'globex', search), undefined)
      assert.equal(cursors.open(cursor, 'acme', { ...search, limit: 8 }), undefined)
      assert.equal(new Cursors('other').open(cursor, 'acme', search), undefined)
    }),
  )
})

test('a cursor that was touched is none, and so is anything else', () => {
  const cursor = cursors.seal(['2026-01-05T10:00:00.000Z', 'b', 1], 'acme', search)
  fc.assert(
    fc.property(
      fc.nat({ max: Buffer.from(cursor, 'base64url').length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (at, bits) => {
        const bytes = Buffer.from(cursor, 'base64url')
        bytes[at]! ^= bits
        assert.equal(cursors.open(bytes.toString('base64url'), 'acme', search), undefined)
      },
    ),
  )
  fc.assert(fc.property(fc.string(), (text) => assert.equal(cursors.open(text, 'acme', search), undefined)))
  assert.equal(cursors.open('A'.repeat(100_000), 'acme', search), undefined)
})
