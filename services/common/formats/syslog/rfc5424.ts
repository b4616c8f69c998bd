import { failed, type Parsed } from '../result.ts'
import { isoTime } from '../timestamp.ts'
import { type PriError, parsePri } from './pri.ts'
import { parseStructuredData, type SdElement, type SdError, type SdProblem } from './structured-data.ts'

/** A message of RFC 5424. Fields that are '-' (NILVALUE) are undefined. */
export interface Rfc5424Message {
  readonly facility: number
  readonly severity: number
  readonly version: number
  /** As it was written. */
  readonly timestamp: string | undefined
  /** What `timestamp` means, milliseconds since the epoch; undefined also where it means nothing. */
  readonly time: number | undefined
  readonly hostname: string | undefined
  readonly appName: string | undefined
  readonly procId: string | undefined
  readonly msgId: string | undefined
  readonly structuredData: readonly SdElement[]
  /** Without its byte order mark; undefined where there is none at all. */
  readonly message: string | undefined
  /** Where the message begins in the text, after a byte order mark. */
  readonly messageAt: number
  /** Deviations from the RFC that did not keep it from being read. */
  readonly problems: readonly Rfc5424Problem[]
}

export type Rfc5424Problem =
  | 'LEADING_ZERO_IN_PRI'
  | 'BAD_TIMESTAMP'
  | 'LOOSE_TIMESTAMP'
  | 'LONG_HOSTNAME'
  | 'LONG_APP_NAME'
  | 'LONG_PROCID'
  | 'LONG_MSGID'
  | 'NOT_ASCII'
  | SdProblem

export type Rfc5424Error =
  | PriError
  | 'BAD_VERSION'
  | 'UNKNOWN_VERSION'
  | 'EMPTY_FIELD'
  | 'TRUNCATED'
  | 'BAD_STRUCTURED_DATA'
  | SdError

type Writable<T> = { -readonly [K in keyof T]?: T[K] }

const space = 0x20
const bom = 0xfeff

/** The fields between TIMESTAMP and STRUCTURED-DATA, with the most characters each may have and what it is called if it has more. */
const fields = [
  ['hostname', 255, 'LONG_HOSTNAME'],
  ['appName', 48, 'LONG_APP_NAME'],
  ['procId', 128, 'LONG_PROCID'],
  ['msgId', 32, 'LONG_MSGID'],
] as const

const printable = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c < 0x21 || c > 0x7e) return false
  }
  return true
}

/** Where a version stands after a PRI: one to three digits, the first no zero, then a space. */
const versionAt = (text: string, from: number): number => {
  let i = from
  while (i < from + 3 && text.charCodeAt(i) >= 0x30 && text.charCodeAt(i) <= 0x39) i++
  return i
}

/** Whether what follows the PRI looks like a version and so like RFC 5424 rather than RFC 3164. */
export function looksLikeRfc5424(text: string): boolean {
  const pri = parsePri(text)
  if (!pri.ok) return false
  const end = versionAt(text, pri.value.end)
  return end > pri.value.end && text.charCodeAt(pri.value.end) !== 0x30 && text.charCodeAt(end) === space
}

/**
 * Reads a message of RFC 5424. Lenient where the meaning is clear (`problems` says what was wrong) and strict where it is not.
 * @see https://www.rfc-editor.org/rfc/rfc5424#section-6
 */
export function parseRfc5424(text: string): Parsed<Rfc5424Message, Rfc5424Error> {
  const pri = parsePri(text)
  if (!pri.ok) return pri
  const problems: Rfc5424Problem[] = []
  const { facility, severity, strict, end: versionFrom } = pri.value
  if (!strict) problems.push('LEADING_ZERO_IN_PRI')
  const read: Writable<Rfc5424Message> = { facility, severity, problems }
  const fail = (code: Rfc5424Error, at: number) => failed(code, at, read)

  const versionEnd = versionAt(text, versionFrom)
  if (versionEnd === versionFrom || text.charCodeAt(versionFrom) === 0x30) return fail('BAD_VERSION', versionFrom)
  if (versionEnd >= text.length) return fail('TRUNCATED', versionEnd)
  if (text.charCodeAt(versionEnd) !== space) return fail('BAD_VERSION', versionEnd)
  read.version = Number(text.slice(versionFrom, versionEnd))
  // Another version may order its fields in another way.
  if (read.version !== 1) return fail('UNKNOWN_VERSION', versionFrom)

  let i = versionEnd + 1
  const timestampEnd = text.indexOf(' ', i)
  if (timestampEnd === -1) return fail('TRUNCATED', text.length)
  if (timestampEnd === i) return fail('EMPTY_FIELD', i)
  if (timestampEnd !== i + 1 || text[i] !== '-') {
    read.timestamp = text.slice(i, timestampEnd)
    const moment = isoTime(read.timestamp)
    if (moment?.end === read.timestamp.length) {
      read.time = moment.ms
      if (!moment.strict) problems.push('LOOSE_TIMESTAMP')
    } else problems.push('BAD_TIMESTAMP')
  }
  i = timestampEnd + 1
  let ascii = true
  for (const [name, most, tooLong] of fields) {
    const end = text.indexOf(' ', i)
    if (end === -1) return fail('TRUNCATED', text.length)
    if (end === i) return fail('EMPTY_FIELD', i)
    const value = text.slice(i, end)
    if (value !== '-') {
      read[name] = value
      if (value.length > most) problems.push(tooLong)
      ascii &&= printable(value)
    }
    i = end + 1
  }
  if (!ascii) problems.push('NOT_ASCII')

  let elements: readonly SdElement[] = []
  if (i >= text.length) return fail('TRUNCATED', i)
  if (text.charCodeAt(i) === 0x2d) i++
  else if (text.charCodeAt(i) === 0x5b) {
    const data = parseStructuredData(text, i)
    if (!data.ok) return fail(data.code, data.at)
    elements = data.value.elements
    problems.push(...data.value.problems)
    i = data.value.end
  } else return fail('BAD_STRUCTURED_DATA', i)
  if (i < text.length && text.charCodeAt(i) !== space) return fail('BAD_STRUCTURED_DATA', i)
  const none = i >= text.length
  i++
  if (text.charCodeAt(i) === bom) i++
  return {
    ok: true,
    value: {
      facility,
      severity,
      version: 1,
      timestamp: read.timestamp,
      time: read.time,
      hostname: read.hostname,
      appName: read.appName,
      procId: read.procId,
      msgId: read.msgId,
      structuredData: elements,
      message: none ? undefined : text.slice(i),
      messageAt: Math.min(i, text.length),
      problems,
    },
  }
}
