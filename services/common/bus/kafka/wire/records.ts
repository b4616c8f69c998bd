import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { ConsumedRecord } from '../../bus.ts'
import { crc32c } from './crc32c.ts'
import { Reader, WireError } from './reader.ts'
import { varintSize, Writer } from './writer.ts'

/** Who writes, and the place of a batch in what it writes to a partition: brokers drop what comes twice and refuse gaps. */
export interface Sequence {
  readonly producerId: bigint
  readonly epoch: number
  /** Of the batch's first record. */
  readonly first: number
}

export interface RecordToWrite {
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** Becomes the header of that name. */
  readonly traceparent?: string
}

/** The one header that we write and read. */
const traceHeader = Buffer.from('traceparent')
/** More of a header of ours is none of ours. */
const mostHeader = 512
const headBytes = 61
/** From here on the checksum counts. */
const checkedFrom = 21
const crcAt = 17
const lengthAt = 8

const fieldSize = (bytes: Buffer | null) => (bytes === null ? 1 : varintSize(bytes.length) + bytes.length)
/** Of a record without headers it is their number, 0. */
const headersSize = (traceparent: string | undefined) =>
  traceparent === undefined ? 1 : 1 + fieldSize(traceHeader) + varintSize(traceparent.length) + traceparent.length
const bodySize = (record: RecordToWrite, index: number) =>
  2 + varintSize(index) + fieldSize(record.key) + fieldSize(record.value) + headersSize(record.traceparent)

/** One batch of records (format 2), without compression: our values are compressed already. */
export function encodeBatch(
  records: readonly RecordToWrite[],
  now: number,
  { producerId, epoch, first }: Sequence,
): Buffer {
  let size = headBytes
  for (const [index, record] of records.entries()) {
    const body = bodySize(record, index)
    size += varintSize(body) + body
  }
  const time = BigInt(now)
  const writer = new Writer(size)
    .int64(0n)
    .int32(size - lengthAt - 4)
    .int32(-1)
    .int8(2)
    .uint32(0)
    .int16(0)
    .int32(records.length - 1)
    .int64(time)
    .int64(time)
    .int64(producerId)
    .int16(epoch)
    .int32(first)
    .int32(records.length)
  for (const [index, record] of records.entries()) {
    writer.varint(bodySize(record, index)).int8(0).varint(0).varint(index)
    for (const field of [record.key, record.value])
      if (field === null) writer.varint(-1)
      else writer.varint(field.length).raw(field)
    const { traceparent } = record
    if (traceparent === undefined) writer.varint(0)
    else {
      writer.varint(1).varint(traceHeader.length).raw(traceHeader)
      writer.varint(traceparent.length).raw(Buffer.from(traceparent, 'latin1'))
    }
  }
  writer.patchUint32(crc32c(writer.bytes, checkedFrom), crcAt)
  return writer.bytes
}

const control = 0x20
const compressionBits = 0x07
/** No batch of ours unfolds to more; one that claims to is refused instead of filling the memory. */
const unfoldLimit = { maxOutputLength: 64 * 2 ** 20 }
const decompress: Readonly<Record<number, (bytes: Buffer) => Buffer>> = {
  1: (bytes) => gunzipSync(bytes, unfoldLimit),
  4: (bytes) => zstdDecompressSync(bytes, unfoldLimit),
}

function unfold(bytes: Buffer, algorithm: number): Buffer {
  const how = decompress[algorithm]
  if (how === undefined)
    throw new WireError(
      `Records compressed by algorithm ${algorithm} (snappy or lz4) cannot be read; only none, gzip and zstd can.`,
    )
  try {
    return how(bytes)
  } catch (cause) {
    throw new WireError('A batch of records cannot be unfolded.', { cause })
  }
}

const empty = Buffer.alloc(0)

export interface DecodedRecords {
  /** From `from` on, in order. */
  readonly records: readonly ConsumedRecord[]
  /** Where to read on; `from` when no whole batch was there. */
  readonly next: bigint
}

/**
 * The records of a fetched piece of a log. A broker answers with whole batches, so the first may begin before `from`, and the last may be cut off:
 * both are left out. Compaction leaves gaps between offsets.
 */
export function decodeBatches(bytes: Buffer, from: bigint): DecodedRecords {
  const records: ConsumedRecord[] = []
  let next = from
  let at = 0
  while (bytes.length - at >= headBytes) {
    const end = at + lengthAt + 4 + bytes.readInt32BE(at + lengthAt)
    if (end > bytes.length) break
    if (end < at + headBytes) throw new WireError('A batch of records is shorter than its head.')
    const after = decodeBatch(bytes.subarray(at, end), from, records)
    if (after > next) next = after
    at = end
  }
  return { records, next }
}

function decodeBatch(bytes: Buffer, from: bigint, into: ConsumedRecord[]): bigint {
  const head = new Reader(bytes)
  const base = head.int64()
  head.skip(8)
  const format = head.int8()
  if (format !== 2)
    throw new WireError(`Records of format ${format} cannot be read; brokers have written 2 since 2017.`)
  head.skip(4)
  const attributes = head.int16()
  const next = base + BigInt(head.int32()) + 1n
  if ((attributes & control) !== 0 || next <= from) return next
  const baseTime = Number(head.int64())
  head.skip(8 + 8 + 2 + 4)
  const count = head.int32()
  const compression = attributes & compressionBits
  const reader = compression === 0 ? head : new Reader(unfold(head.slice(head.left), compression))
  const field = () => {
    const length = reader.varint()
    return length < 0 ? null : reader.slice(length)
  }
  for (let i = 0; i < count; i++) {
    const size = reader.varint()
    const end = reader.position + size
    reader.skip(1)
    const timestamp = baseTime + reader.varint()
    const offset = base + BigInt(reader.varint())
    const key = field()
    const value = field() ?? empty
    // Of nearly all records there is one byte left: no headers.
    const rest = end - reader.position
    let traceparent: string | undefined
    if (rest > 1) traceparent = traceparentIn(reader.slice(rest))
    else reader.skip(rest)
    if (offset >= from) into.push({ offset, key, value, timestamp, traceparent })
  }
  return next
}

/** The header of ours among those of a record; anybody may have written any others. What cannot be read is none: the record is there all the same. */
function traceparentIn(headers: Buffer): string | undefined {
  const reader = new Reader(headers)
  const part = () => {
    const length = reader.varint()
    return length < 0 ? empty : reader.slice(length)
  }
  try {
    for (let left = reader.varint(); left > 0; left--) {
      const name = part()
      const value = part()
      if (name.equals(traceHeader)) return value.length > mostHeader ? undefined : value.toString('latin1')
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error
  }
  return undefined
}
