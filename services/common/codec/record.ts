import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { type PackedBatch, readBody, readPacked, writeBody } from './body.ts'
import { CodecError } from './errors.ts'
import type { EventBatch } from './event-batch.ts'

/*
 * Record v1, little endian:
 *   0  'ND'      2 bytes
 *   2  version   1
 *   3  coding    0 plain, 1 zstd
 *   4  crc32     of everything from byte 8
 *   8  length    of the body before compression
 *   12 body      see body.ts
 */
const magic = 0x444e
const version = 1
const headerBytes = 12
const plain = 0
const zstd = 1
/** Fastest level: events shrink five- to tenfold already, and the collector pays in CPU. */
const level = 1
/** Below this a frame's own overhead is not worth it. */
const compressFrom = 128

/** The most that a record can be longer than its events: header, names and two varints per event. */
export const recordOverhead = (tenant: string, batch: string, events: number): number =>
  headerBytes + 32 + Buffer.byteLength(tenant) + Buffer.byteLength(batch) + events * 10

/** One record out of a batch. Never longer than its events plus `recordOverhead`. Throws CodecError UNENCODABLE. */
export function encodeRecord(batch: EventBatch): Buffer {
  const body = writeBody(batch)
  const packed =
    body.length >= compressFrom
      ? zstdCompressSync(body, { params: { [constants.ZSTD_c_compressionLevel]: level } })
      : undefined
  const smaller = packed !== undefined && packed.length < body.length
  const content = smaller ? packed : body
  const record = Buffer.allocUnsafe(headerBytes + content.length)
  record.writeUInt16LE(magic, 0)
  record.writeUInt8(version, 2)
  record.writeUInt8(smaller ? zstd : plain, 3)
  record.writeUInt32LE(body.length, 8)
  content.copy(record, headerBytes)
  record.writeUInt32LE(crc32(record.subarray(8)), 4)
  return record
}

/**
 * The batch in a record. `maxBytes` bounds the memory that a record may unfold to.
 * Throws CodecError with a sentence that says what is wrong and who can read it.
 */
export const decodeRecord = (record: Buffer, maxBytes: number): EventBatch => readBody(bodyOf(record, maxBytes))

export interface LentBatch extends PackedBatch {
  /** Gives the memory of `bytes` back; they must not be read any more. */
  readonly done: () => void
}

/**
 * As `decodeRecord`, without an object for each event; what it gives may be a view into `record`. Bodies are several times as large as their records, and V8 answers memory outside of its heap that
 * only a collection would find free with whole collections: one in 190 records, unless they are given back.
 */
export function lendRecord(record: Buffer, maxBytes: number): LentBatch {
  const body = bodyOf(record, maxBytes)
  return { ...readPacked(body), done: () => giveBack(body) }
}

/** What `unfold` made; never a part of Node's pool, whose pieces are smaller than half of it, nor of a record. */
function giveBack({ buffer, byteOffset, length }: Buffer): void {
  if (byteOffset === 0 && buffer.byteLength === chunkFor(length) && buffer instanceof ArrayBuffer) buffer.transfer(0)
}

/** A chunk of the whole length: smaller ones would be copied together. */
const chunkFor = (length: number): number => length + 64

function bodyOf(record: Buffer, maxBytes: number): Buffer {
  if (record.length < headerBytes || record.readUInt16LE(0) !== magic)
    throw new CodecError(
      'NOT_A_RECORD',
      `These ${record.length} bytes are not an event record: they do not begin with 'ND' and a ${headerBytes}-byte header.`,
    )
  const found = record.readUInt8(2)
  if (found !== version)
    throw new CodecError(
      'UNKNOWN_VERSION',
      `This record has version ${found}; this reader knows version ${version}. Upgrade the reader before the writer.`,
    )
  if (crc32(record.subarray(8)) !== record.readUInt32LE(4))
    throw new CodecError('CORRUPT', `This record of ${record.length} bytes does not match its checksum.`)
  const length = record.readUInt32LE(8)
  if (length > maxBytes)
    throw new CodecError(
      'TOO_LARGE',
      `This record unfolds to ${length} bytes, more than the ${maxBytes} that its topic allows.`,
    )
  return unfold(record, length)
}

function unfold(record: Buffer, length: number): Buffer {
  const content = record.subarray(headerBytes)
  const coding = record.readUInt8(3)
  let body: Buffer
  if (coding === plain) body = content
  else if (coding === zstd) {
    try {
      body = zstdDecompressSync(content, { maxOutputLength: Math.max(1, length), chunkSize: chunkFor(length) })
    } catch (cause) {
      throw new CodecError('CORRUPT', `This record's body does not unfold to the ${length} bytes it announces.`, {
        cause,
      })
    }
  } else
    throw new CodecError(
      'UNKNOWN_VERSION',
      `This record's coding is ${coding}; this reader knows 0 (plain) and 1 (zstd).`,
    )
  if (body.length !== length)
    throw new CodecError('CORRUPT', `This record's body has ${body.length} bytes and announces ${length}.`)
  return body
}
