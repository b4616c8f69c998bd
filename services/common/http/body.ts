import type { IncomingMessage } from 'node:http'
import { createGunzip, createInflate } from 'node:zlib'
import { HttpError } from './errors.ts'

export interface BodyLimits {
  /** The most bytes after decompression. */
  readonly maxBytes: number
  /** Asks for room for bytes as they arrive; may throw to refuse (503). Whoever gives the room takes it back. */
  readonly reserve?: (bytes: number) => void
  /** Beside gzip and none, `Content-Encoding: deflate` is taken (zlib's format). Default: false. */
  readonly deflate?: boolean
}

const tooLarge = (maxBytes: number) =>
  new HttpError(
    413,
    'TOO_LARGE',
    `The body is larger than ${maxBytes} bytes after decompression. Send smaller batches.`,
  )

/**
 * A request's body, inflated if it is gzip. Stops at the limit: never holds more than `maxBytes` and one chunk.
 * Throws HttpError 400 (broken gzip, sender gone), 413, 415 (another Content-Encoding), or what `reserve` throws.
 */
export async function readRequestBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const { maxBytes, reserve, deflate = false } = limits
  const coding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (coding !== 'identity' && coding !== 'gzip' && !(deflate && coding === 'deflate'))
    throw new HttpError(
      415,
      'UNSUPPORTED_ENCODING',
      `Content-Encoding '${coding.slice(0, 40)}' is not taken; use gzip or none.`,
    )
  // A compressed body longer than the limit for what it unfolds to is refused too.
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const chunks: Buffer[] = []
  let size = 0
  const take = (chunk: Buffer) => {
    size += chunk.length
    if (size > maxBytes) throw tooLarge(maxBytes)
    reserve?.(chunk.length)
    chunks.push(chunk)
  }
  await (coding === 'identity' ? collect(request, take) : inflate(request, coding, take))
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)
}

const gone = (cause: unknown) => new HttpError(400, 'INCOMPLETE', 'The request ended before its body did.', { cause })

function collect(request: IncomingMessage, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      request.off('data', onData).off('end', onEnd).off('error', onError).off('close', onError)
      request.pause()
      error === undefined ? resolve() : reject(error)
    }
    const onData = (chunk: Buffer) => {
      try {
        take(chunk)
      } catch (error) {
        settle(error)
      }
    }
    const onEnd = () => settle()
    const onError = (cause?: unknown) => settle(gone(cause))
    request.on('data', onData).on('end', onEnd).on('error', onError).on('close', onError)
  })
}

/** Inflates in step: the next compressed chunk is read when the one before has been inflated and taken. */
function inflate(request: IncomingMessage, coding: string, take: (chunk: Buffer) => void): Promise<void> {
  const gunzip = (coding === 'gzip' ? createGunzip : createInflate)({ chunkSize: 65_536 })
  return new Promise<void>((resolve, reject) => {
    const settle = (error?: unknown) => {
      request.off('data', onData).off('end', onRequestEnd).off('error', onGone).off('close', onGone)
      request.pause()
      gunzip.removeAllListeners()
      gunzip.on('error', () => {})
      gunzip.destroy()
      error === undefined ? resolve() : reject(error)
    }
    const onData = (chunk: Buffer) => {
      if (!gunzip.write(chunk)) request.pause()
    }
    const onRequestEnd = () => {
      gunzip.end()
    }
    const onGone = (cause?: unknown) => {
      if (!request.readableEnded) settle(gone(cause))
    }
    gunzip.on('drain', () => request.resume())
    gunzip.on('data', (chunk: Buffer) => {
      try {
        take(chunk)
      } catch (error) {
        settle(error)
      }
    })
    gunzip.on('end', () => settle())
    gunzip.on('error', (cause) =>
      settle(
        new HttpError(
          400,
          'BAD_GZIP',
          `The body is not whole, valid ${coding} although its Content-Encoding says so.`,
          {
            cause,
          },
        ),
      ),
    )
    request.on('data', onData).on('end', onRequestEnd).on('error', onGone).on('close', onGone)
  })
}
