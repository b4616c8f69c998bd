import protobuf from 'protobufjs/minimal.js'
import type { OtlpFields } from '../event.ts'
import { type Attributes, attributes, double, maxDepth, OtlpError, wholeNumber } from './any-value.ts'

/*
 * Messages of opentelemetry.proto.logs.v1 and common.v1 by their field numbers, which never change once they are released
 * (https://github.com/open-telemetry/opentelemetry-proto, 1.x). Unknown fields are passed over, as the format wants it.
 */

type Reader = protobuf.Reader

/** Reads the fields of one message: `field` takes those it knows and answers true. */
function message(bytes: Uint8Array, field: (number: number, reader: Reader) => boolean): void {
  const reader = protobuf.Reader.create(bytes)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag >>> 3 === 0) throw new OtlpError('A field has the number 0.')
    if (!field(tag, reader)) reader.skipType(tag & 7)
  }
}

/** A field's number and its wire type, as they stand before it: another type is another field. */
const varint = (field: number): number => field << 3
const fixed64 = (field: number): number => (field << 3) | 1
const bytes = (field: number): number => (field << 3) | 2
const fixed32 = (field: number): number => (field << 3) | 5

/** Numbers of 64 bits by hand: in a bundle the library has no type for them and would round. */
function int64(reader: Reader): bigint {
  const from = reader.pos
  reader.skip()
  let value = 0n
  for (const [i, byte] of reader.buf.subarray(from, reader.pos).entries()) value |= BigInt(byte & 127) << BigInt(7 * i)
  return BigInt.asIntN(64, value)
}
function uint64Fixed(reader: Reader): bigint {
  const low = reader.fixed32()
  return (BigInt(reader.fixed32()) << 32n) | BigInt(low)
}

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')

function keyValue(value: Uint8Array, to: Attributes, depth: number): void {
  let key = ''
  let found: unknown = null
  message(value, (tag, reader) => {
    if (tag === bytes(1)) key = reader.string()
    else if (tag === bytes(2)) found = anyValue(reader.bytes(), depth)
    else return false
    return true
  })
  to[key] = found
}

function anyValue(value: Uint8Array, depth: number): unknown {
  if (depth > maxDepth) throw new OtlpError(`Values nest deeper than ${maxDepth}.`)
  let found: unknown = null
  message(value, (tag, reader) => {
    if (tag === bytes(1)) found = reader.string()
    else if (tag === varint(2)) found = reader.bool()
    else if (tag === varint(3)) found = wholeNumber(int64(reader).toString())
    else if (tag === fixed64(4)) found = double(reader.double())
    else if (tag === bytes(5)) {
      const list: unknown[] = []
      message(reader.bytes(), (inner, of) => {
        if (inner !== bytes(1)) return false
        list.push(anyValue(of.bytes(), depth + 1))
        return true
      })
      found = list
    } else if (tag === bytes(6)) {
      const map = attributes()
      message(reader.bytes(), (inner, of) => {
        if (inner !== bytes(1)) return false
        keyValue(of.bytes(), map, depth + 1)
        return true
      })
      found = map
    } else if (tag === bytes(7)) found = Buffer.from(reader.bytes()).toString('base64')
    else return false
    return true
  })
  return found
}

type Scope = NonNullable<OtlpFields['scope']>
type Writable<T> = { -readonly [K in keyof T]: T[K] }

function scopeOf(value: Uint8Array): Scope {
  const scope: Writable<Scope> = {}
  message(value, (tag, reader) => {
    if (tag === bytes(1)) scope.name = reader.string()
    else if (tag === bytes(2)) scope.version = reader.string()
    else if (tag === bytes(3)) {
      const all: Attributes = scope.attributes ?? attributes()
      keyValue(reader.bytes(), all, 0)
      scope.attributes = all
    } else return false
    return true
  })
  return scope
}

function resourceOf(value: Uint8Array): Attributes {
  const resource = attributes()
  message(value, (tag, reader) => {
    if (tag !== bytes(1)) return false
    keyValue(reader.bytes(), resource, 0)
    return true
  })
  return resource
}

/** The fields of one LogRecord. Throws OtlpError or, where it ends early, RangeError. */
function readRecord(value: Uint8Array, resource: Attributes, scope: Scope | undefined): OtlpFields {
  const own = attributes()
  const fields: Writable<OtlpFields> = { resource, ...(scope ? { scope } : {}), attributes: own }
  message(value, (tag, reader) => {
    if (tag === fixed64(1)) fields.time_unix_nano = uint64Fixed(reader).toString()
    else if (tag === varint(2)) fields.severity_number = reader.int32()
    else if (tag === bytes(3)) fields.severity_text = reader.string()
    else if (tag === bytes(5)) fields.body = anyValue(reader.bytes(), 0)
    else if (tag === bytes(6)) keyValue(reader.bytes(), own, 0)
    else if (tag === varint(7)) fields.dropped_attributes_count = reader.uint32()
    else if (tag === fixed32(8)) fields.flags = reader.fixed32()
    else if (tag === bytes(9)) fields.trace_id = hex(reader.bytes())
    else if (tag === bytes(10)) fields.span_id = hex(reader.bytes())
    else if (tag === fixed64(11)) fields.observed_time_unix_nano = uint64Fixed(reader).toString()
    else if (tag === bytes(12)) fields.event_name = reader.string()
    else return false
    return true
  })
  return fields
}

/** A LogRecord where it stands, not yet read, and a way to read it. */
export interface FoundRecord {
  readonly bytes: Buffer
  readonly read: () => OtlpFields
}

const view = (value: Uint8Array): Buffer => Buffer.from(value.buffer, value.byteOffset, value.byteLength)

/** Finds the LogRecords of an ExportLogsServiceRequest. Throws where the messages around them cannot be read. */
export function findRecords(request: Buffer): FoundRecord[] {
  const found: FoundRecord[] = []
  message(request, (tag, reader) => {
    if (tag !== bytes(1)) return false
    const scopes: Uint8Array[] = []
    let resource: Attributes = attributes()
    message(reader.bytes(), (inner, of) => {
      if (inner === bytes(1)) resource = resourceOf(of.bytes())
      else if (inner === bytes(2)) scopes.push(of.bytes())
      else return false
      return true
    })
    for (const each of scopes) {
      const records: Uint8Array[] = []
      let scope: Scope | undefined
      message(each, (inner, of) => {
        if (inner === bytes(1)) scope = scopeOf(of.bytes())
        else if (inner === bytes(2)) records.push(of.bytes())
        else return false
        return true
      })
      for (const record of records) found.push({ bytes: view(record), read: () => readRecord(record, resource, scope) })
    }
    return true
  })
  return found
}

/** ExportLogsServiceResponse: empty where every record was taken. */
export function exportResponse(rejected: number, text: string): Buffer {
  const writer = protobuf.Writer.create()
  if (rejected > 0)
    writer.uint32(bytes(1)).fork().uint32(varint(1)).int64(rejected).uint32(bytes(2)).string(text).ldelim()
  return Buffer.from(writer.finish())
}

/** google.rpc.Status, as OTLP wants errors told. */
export const status = (code: number, text: string): Buffer =>
  Buffer.from(protobuf.Writer.create().uint32(varint(1)).int32(code).uint32(bytes(2)).string(text).finish())
