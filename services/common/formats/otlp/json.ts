import type { OtlpFields } from '../event.ts'
import { type Attributes, attributes, double, maxDepth, OtlpError, wholeNumber } from './any-value.ts'

/*
 * The same messages as JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): names in camel case, identifiers in
 * hexadecimal, 64-bit numbers as texts or numbers.
 */

type Json = Readonly<Record<string, unknown>>

const object = (value: unknown, what: string): Json => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw new OtlpError(`${what} must be an object.`)
}
/** Absent and null are empty, as in protobuf. */
const list = (value: unknown, what: string): readonly unknown[] => {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw new OtlpError(`${what} must be an array.`)
}
const text = (value: unknown, what: string): string | undefined => {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw new OtlpError(`${what} must be a text.`)
}
const digits = (value: unknown, what: string): string | undefined => {
  if (value === undefined || value === null) return undefined
  const found = typeof value === 'number' && Number.isInteger(value) ? BigInt(value).toString() : value
  if (typeof found === 'string' && /^-?\d{1,20}$/.test(found)) return found
  throw new OtlpError(`${what} must be a whole number.`)
}
const number = (value: unknown, what: string): number | undefined => {
  const found = digits(value, what)
  return found === undefined ? undefined : Number(found)
}
const identifier = (value: unknown, what: string): string | undefined => {
  const found = text(value, what)
  if (found === undefined || found === '') return undefined
  if (/^[0-9a-fA-F]{1,64}$/.test(found)) return found.toLowerCase()
  throw new OtlpError(`${what} must be hexadecimal.`)
}

function anyValue(value: unknown, depth: number): unknown {
  if (depth > maxDepth) throw new OtlpError(`Values nest deeper than ${maxDepth}.`)
  if (value === undefined || value === null) return null
  const any = object(value, 'A value')
  if (any.stringValue !== undefined) return text(any.stringValue, 'stringValue')
  if (any.boolValue !== undefined) return any.boolValue === true
  if (any.intValue !== undefined) return wholeNumber(digits(any.intValue, 'intValue') ?? '0')
  if (any.doubleValue !== undefined) return double(Number(any.doubleValue))
  if (any.bytesValue !== undefined) return text(any.bytesValue, 'bytesValue')
  if (any.arrayValue !== undefined)
    return list(object(any.arrayValue, 'arrayValue').values, 'values').map((one) => anyValue(one, depth + 1))
  if (any.kvlistValue !== undefined) return keyValues(object(any.kvlistValue, 'kvlistValue').values, depth + 1)
  return null
}

function keyValues(value: unknown, depth: number): Attributes {
  const found = attributes()
  for (const pair of list(value, 'attributes')) {
    const { key, value: of } = object(pair, 'An attribute')
    found[text(key, 'key') ?? ''] = anyValue(of, depth)
  }
  return found
}

const given = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T

/** The fields of a logRecord. Throws OtlpError. */
function readJsonRecord(value: unknown, resource: unknown, scope: unknown): OtlpFields {
  const record = object(value, 'A log record')
  const around = resource === undefined ? {} : object(resource, 'resource')
  const from = scope === undefined ? undefined : object(scope, 'scope')
  return given({
    resource: keyValues(around.attributes, 0),
    scope:
      from &&
      given({
        name: text(from.name, 'scope.name'),
        version: text(from.version, 'scope.version'),
        attributes: from.attributes === undefined ? undefined : keyValues(from.attributes, 0),
      }),
    time_unix_nano: digits(record.timeUnixNano, 'timeUnixNano'),
    observed_time_unix_nano: digits(record.observedTimeUnixNano, 'observedTimeUnixNano'),
    severity_number: number(record.severityNumber, 'severityNumber'),
    severity_text: text(record.severityText, 'severityText'),
    body: record.body === undefined ? undefined : anyValue(record.body, 0),
    attributes: keyValues(record.attributes, 0),
    dropped_attributes_count: number(record.droppedAttributesCount, 'droppedAttributesCount'),
    flags: number(record.flags, 'flags'),
    trace_id: identifier(record.traceId, 'traceId'),
    span_id: identifier(record.spanId, 'spanId'),
    event_name: text(record.eventName, 'eventName'),
  }) as OtlpFields
}

const [quote, backslash, comma, open, close, openBrace, closeBrace] = [0x22, 0x5c, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d]
const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d

/** Walks through bytes that JSON.parse has taken, so that it need not look for what is wrong. */
class Walk {
  readonly #bytes: Buffer
  at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  #space(): void {
    while (isSpace(this.#bytes[this.at])) this.at++
  }

  /** Steps over a value and answers where it stood. */
  value(): readonly [from: number, to: number] {
    this.#space()
    const from = this.at
    let depth = 0
    for (; this.at < this.#bytes.length; this.at++) {
      const byte = this.#bytes[this.at]!
      if (byte === quote) {
        for (this.at++; this.#bytes[this.at] !== quote; this.at++) if (this.#bytes[this.at] === backslash) this.at++
      } else if (byte === openBrace || byte === open) depth++
      else if (byte === closeBrace || byte === close) {
        if (depth === 0) break
        depth--
      } else if (depth === 0 && (byte === comma || byte === 0x3a)) break
      if (depth === 0 && (byte === quote || byte === closeBrace || byte === close)) {
        this.at++
        break
      }
    }
    let to = this.at
    while (to > from && isSpace(this.#bytes[to - 1])) to--
    return [from, to]
  }

  /** Steps over what stands between values; false at the end of the object or array. */
  next(): boolean {
    this.#space()
    const byte = this.#bytes[this.at]
    if (byte === closeBrace || byte === close || byte === undefined) return false
    if (byte === comma || byte === 0x3a || byte === openBrace || byte === open) this.at++
    this.#space()
    const after = this.#bytes[this.at]
    return after !== closeBrace && after !== close
  }
}

/** Where the member of an object stands: the last of that name, as JSON.parse takes it. */
function member(bytes: Buffer, object: number, name: string): number | undefined {
  const walk = new Walk(bytes, object)
  let found: number | undefined
  while (walk.next()) {
    const [from, to] = walk.value()
    walk.next()
    const at = walk.value()[0]
    if (JSON.parse(bytes.toString('utf8', from, to)) === name) found = at
  }
  return found
}

/** Where the elements of an array stand; none where there is no array. */
function elements(bytes: Buffer, array: number | undefined): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = []
  if (array === undefined || bytes[array] !== open) return found
  const walk = new Walk(bytes, array)
  while (walk.next()) found.push(walk.value())
  return found
}

export interface FoundJsonRecord {
  /** The record as it stands in the request. */
  readonly bytes: Buffer
  readonly read: () => OtlpFields
}

/** Finds the logRecords of a request. Throws SyntaxError where it is no JSON, OtlpError where what is around them is not as it should be. */
export function findJsonRecords(request: Buffer): FoundJsonRecord[] {
  const root = object(JSON.parse(request.toString('utf8')), 'The request')
  const resources = list(root.resourceLogs, 'resourceLogs')
  const places = elements(request, member(request, request.indexOf(openBrace), 'resourceLogs'))
  return resources.flatMap((one, i) => {
    const { resource, scopeLogs } = object(one, 'resourceLogs')
    const scopePlaces = elements(request, member(request, places[i]![0], 'scopeLogs'))
    return list(scopeLogs, 'scopeLogs').flatMap((each, j) => {
      const { scope, logRecords } = object(each, 'scopeLogs')
      const recordPlaces = elements(request, member(request, scopePlaces[j]![0], 'logRecords'))
      return list(logRecords, 'logRecords').map((record, k) => {
        const [from, to] = recordPlaces[k]!
        return { bytes: request.subarray(from, to), read: () => readJsonRecord(record, resource, scope) }
      })
    })
  })
}
