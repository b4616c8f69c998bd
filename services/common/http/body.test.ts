import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { readRequestBody } from './body.ts'
import { HttpError } from './errors.ts'

/** A request as far as its body is concerned. */
function message(headers: Record<string, string> = {}): PassThrough & IncomingMessage {
  return Object.assign(new PassThrough(), { headers }) as unknown as PassThrough & IncomingMessage
}

const gzip = { 'content-encoding': 'gzip' }
const status = (expected: number, code: string) => (error: unknown) =>
  error instanceof HttpError && error.status === expected && error.code === code

test('a body comes out as it went in, gzip or not, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 2_000 })), fc.boolean(), async (chunks, zipped) => {
      const whole = Buffer.concat(chunks)
      const request = message(zipped ? gzip : {})
      const reading = readRequestBody(request, { maxBytes: whole.length })
      if (zipped) request.end(gzipSync(whole))
      else {
        for (const chunk of chunks) request.write(chunk)
        request.end()
      }
      assert.deepEqual(await reading, whole)
    }),
    { numRuns: 30 },
  )
})

test('an announced length above the limit is refused before a byte is read', async () => {
  const request = message({ 'content-length': '100000000' })
  await assert.rejects(readRequestBody(request, { maxBytes: 16_777_216 }), status(413, 'TOO_LARGE'))
  assert.equal(request.listenerCount('data'), 0)
})

test('a gzip bomb stops at the limit', async () => {
  const request = message(gzip)
  let reserved = 0
  const reading = readRequestBody(request, {
    maxBytes: 1_000_000,
    reserve: (bytes) => {
      reserved += bytes
    },
  })
  request.end(gzipSync(Buffer.alloc(200_000_000)))
  await assert.rejects(reading, status(413, 'TOO_LARGE'))
  assert.ok(reserved <= 1_000_000, `${reserved}`)
})

test('what is no gzip, or half of one, is refused', async () => {
  for (const bytes of [Buffer.from('plain'), gzipSync('{"a":1}').subarray(0, 12)]) {
    const request = message(gzip)
    request.end(bytes)
    await assert.rejects(readRequestBody(request, { maxBytes: 1_000 }), status(400, 'BAD_GZIP'))
  }
})

test('another encoding is refused with what is taken', async () => {
  const request = message({ 'content-encoding': 'br' })
  await assert.rejects(readRequestBody(request, { maxBytes: 1 }), /'br' is not taken; use gzip or none/)
})

test('no room: the refusal of whoever keeps it comes through', async () => {
  const reserve = () => {
    throw new HttpError(503, 'BUSY', 'full')
  }
  for (const headers of [{}, gzip]) {
    const request = message(headers)
    request.end(headers === gzip ? gzipSync('abc') : 'abc')
    await assert.rejects(readRequestBody(request, { maxBytes: 10, reserve }), status(503, 'BUSY'))
  }
})

test('a sender that hangs up mid-body ends the reading', async () => {
  for (const headers of [{}, gzip]) {
    const request = message(headers)
    const reading = readRequestBody(request, { maxBytes: 100 })
    request.write(gzipSync('abc').subarray(0, 5))
    request.destroy()
    await assert.rejects(reading, status(400, 'INCOMPLETE'))
  }
})
