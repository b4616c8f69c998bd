import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'
import { InferenceError } from '../errors.ts'

const unpackers = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const
const prefixBytes = 5

/**
 * The one message of a call: a byte that says whether it is compressed, its length in 4 bytes, itself. Lies on the bytes that are given.
 * Rejects with InferenceError.
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export async function readMessage(body: Buffer, encoding: unknown, maxBytes: number): Promise<Buffer> {
  const whole = body.length >= prefixBytes && body.readUInt32BE(1) === body.length - prefixBytes
  if (!whole) throw new InferenceError('INVALID', 'A call has exactly one message, whole.')
  const message = body.subarray(prefixBytes)
  if (body[0] === 0) return message
  const unpack = unpackers[encoding as keyof typeof unpackers]
  if (!unpack || body[0] !== 1)
    throw new InferenceError('UNIMPLEMENTED', 'Messages are taken as they are, or compressed with gzip or deflate.')
  try {
    return await unpack(message, { maxOutputLength: maxBytes })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new InferenceError('TOO_LARGE', `Messages have at most ${maxBytes} bytes.`, { cause })
    throw new InferenceError('INVALID', `The message is not whole, valid ${encoding}.`, { cause })
  }
}

/** A message with its prefix. */
export function writeMessage(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(prefixBytes + message.length)
  framed[0] = 0
  framed.writeUInt32BE(message.length, 1)
  framed.set(message, prefixBytes)
  return framed
}

const units: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 }

/** The header `grpc-timeout` in milliseconds; Infinity without one. */
export function grpcTimeout(header: unknown): number {
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(typeof header === 'string' ? header : '') ?? []
  return digits === undefined ? Number.POSITIVE_INFINITY : Number(digits) * units[unit!]!
}
