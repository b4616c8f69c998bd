import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { batches, fingerprint } from './batches.ts'

const folder = mkdtempSync(join(tmpdir(), 'nd-batches-'))
after(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'events')
const all = async (size: number, maxBytes = 1e6) => Array.fromAsync(batches(file, { size, maxBytes, idPrefix: 'p' }))

test('every line arrives once, in order and to the byte, whatever the cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ minLength: 1 }).map((s) => s.replaceAll('\n', ' '))),
      fc.integer({ min: 1, max: 7 }),
      fc.boolean(),
      fc.boolean(),
      async (lines, size, gzip, endsWithNewline) => {
        const text = lines.join('\n') + (endsWithNewline && lines.length > 0 ? '\n' : '')
        writeFileSync(file, gzip ? gzipSync(text) : text)
        const got = await all(size)
        const back = got.flatMap((b) => b.body.toString().split('\n').slice(0, -1))
        assert.deepEqual(back, lines)
        assert.equal(
          got.reduce((sum, b) => sum + b.events, 0),
          lines.length,
        )
        assert.ok(got.every((b) => b.events >= 1 && b.events <= size))
        assert.deepEqual(
          got.map((b) => b.id),
          got.map((_, i) => `p-${i}`),
        )
      },
    ),
    { numRuns: 60 },
  )
})

test('a batch stays within its bytes unless one line alone is larger', async () => {
  writeFileSync(file, `${'a'.repeat(10)}\n${'b'.repeat(10)}\n${'c'.repeat(100)}\nd\n`)
  const got = await all(100, 25)
  assert.deepEqual(
    got.map((b) => b.body.length),
    [22, 101, 2],
  )
})

test('a cut gzip file is an error, not a short file', async () => {
  writeFileSync(file, gzipSync('x'.repeat(100_000)).subarray(0, 60))
  await assert.rejects(all(10), /unexpected end of file/)
})

test('a missing file names itself', async () => {
  await assert.rejects(fingerprint(join(folder, 'absent')), /ENOENT.*absent/)
})
