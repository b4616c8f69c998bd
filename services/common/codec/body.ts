import { CodecError } from './errors.ts'
import type { EventBatch } from './event-batch.ts'
import { varintLength, writeVarint } from './varint.ts'

/*
 * Body of record v1: tenant, batch (each: length, UTF-8), arrival (8 bytes, unsigned), count, then for each event the
 * distance of its line from the line before (the first: from 0) and its length, then all events' bytes. Numbers are LEB128 varints.
 */

function refuse(batch: EventBatch): void {
  const { lines, events, arrival } = batch
  if (lines.length !== events.length)
    throw new CodecError('UNENCODABLE', `A batch has ${events.length} events but ${lines.length} line numbers.`)
  if (!Number.isSafeInteger(arrival) || arrival < 0)
    throw new CodecError('UNENCODABLE', `Arrival ${arrival} is not a whole number of milliseconds since the epoch.`)
  let last = -1
  for (const line of lines) {
    if (!Number.isInteger(line) || line <= last || line > 0xffff_ffff)
      throw new CodecError('UNENCODABLE', `Line numbers must be whole and increasing; ${line} follows ${last}.`)
    last = line
  }
}

export function writeBody(batch: EventBatch): Buffer {
  refuse(batch)
  const { lines, events } = batch
  const tenant = Buffer.from(batch.tenant, 'utf8')
  const id = Buffer.from(batch.batch, 'utf8')
  let size = varintLength(tenant.length) + tenant.length + varintLength(id.length) + id.length + 8
  size += varintLength(events.length)
  let before = 0
  for (let i = 0; i < events.length; i++) {
    const { length } = events[i]!
    size += varintLength(lines[i]! - before) + varintLength(length) + length
    before = lines[i]!
  }
  const body = Buffer.allocUnsafe(size)
  let at = 0
  for (const name of [tenant, id]) {
    at = writeVarint(body, at, name.length)
    at += name.copy(body, at)
  }
  at = body.writeBigUInt64LE(BigInt(batch.arrival), at)
  at = writeVarint(body, at, events.length)
  before = 0
  for (let i = 0; i < events.length; i++) {
    at = writeVarint(body, at, lines[i]! - before)
    at = writeVarint(body, at, events[i]!.length)
    before = lines[i]!
  }
  for (const event of events) at += event.copy(body, at)
  return body
}

/** A batch whose events lie one after the other in `bytes`: event i from `offsets[i]` up to `offsets[i + 1]`. For many small events. */
export interface PackedBatch extends Omit<EventBatch, 'events'> {
  readonly bytes: Buffer
  readonly offsets: Uint32Array
}

/** Reads forward through a body and refuses to read past its end. */
class Cursor {
  readonly #body: Buffer
  #at = 0

  constructor(body: Buffer) {
    this.#body = body
  }

  get left(): number {
    return this.#body.length - this.#at
  }

  bytes(length: number): Buffer {
    if (length > this.left)
      throw new CodecError('CORRUPT', `A record's body ends early: ${length} bytes wanted, ${this.left} left.`)
    this.#at += length
    return this.#body.subarray(this.#at - length, this.#at)
  }

  varint(): number {
    let value = 0
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const byte = this.#body[this.#at]
      if (byte === undefined) throw new CodecError('CORRUPT', `A record's body ends early, within a number.`)
      this.#at++
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    throw new CodecError('CORRUPT', `A record's body holds a number of more than 8 bytes.`)
  }

  text(): string {
    return this.bytes(this.varint()).toString('utf8')
  }
}

/** `bytes` is a view into `body`, not a copy. */
export function readPacked(body: Buffer): PackedBatch {
  const cursor = new Cursor(body)
  const tenant = cursor.text()
  const batch = cursor.text()
  const arrival = Number(cursor.bytes(8).readBigUInt64LE())
  const count = cursor.varint()
  // Each event takes two bytes at least: an absurd count fails here, before anything is allocated for it.
  if (count * 2 > cursor.left)
    throw new CodecError('CORRUPT', `A record's body announces ${count} events in ${cursor.left} bytes.`)
  const lines: number[] = []
  const offsets = new Uint32Array(count + 1)
  let line = 0
  let end = 0
  for (let i = 0; i < count; i++) {
    const step = cursor.varint()
    if (i > 0 && step === 0) throw new CodecError('CORRUPT', `A record's body repeats line ${line}.`)
    line += step
    lines.push(line)
    end += cursor.varint()
    if (end > body.length)
      throw new CodecError('CORRUPT', `A record's body ends early: ${end} bytes wanted, ${cursor.left} left.`)
    offsets[i + 1] = end
  }
  const bytes = cursor.bytes(end)
  if (cursor.left > 0) throw new CodecError('CORRUPT', `A record's body has ${cursor.left} bytes too many.`)
  return { tenant, batch, arrival, lines, bytes, offsets }
}

/** The events are views into `body`, not copies. */
export function readBody(body: Buffer): EventBatch {
  const { bytes, offsets, lines, ...batch } = readPacked(body)
  return { ...batch, lines, events: lines.map((_, i) => bytes.subarray(offsets[i], offsets[i + 1])) }
}
