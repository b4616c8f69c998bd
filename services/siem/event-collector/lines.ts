import { isUtf8 } from 'node:buffer'
import { HttpError } from '../../common/http/errors.ts'
import type { EventTimes } from './event-times.ts'
import { scanJson } from './json.ts'

/** Why a line is not an event. A fixed set: it labels metrics. */
export type RejectReason =
  | 'MALFORMED_JSON'
  | 'NOT_AN_OBJECT'
  | 'TOO_LARGE'
  | 'INVALID_UTF8'
  /** A log record of OTLP that cannot be read. */
  | 'MALFORMED_RECORD'
  /** A stream that cannot be cut into messages any further. */
  | 'BAD_FRAME'
  /** A stream that ended within a message. */
  | 'TRUNCATED'

export interface Line {
  /** Zero-based, in the request. */
  readonly line: number
  readonly bytes: Buffer
}

export interface Rejected extends Line {
  readonly reason: RejectReason
  /** Of the original, where `bytes` is only its beginning. */
  readonly length?: number
}

export interface Split {
  readonly accepted: readonly Line[]
  readonly rejected: readonly Rejected[]
}

export interface LineLimits {
  readonly maxEventBytes: number
  readonly maxEvents: number
}

export type BodyFormat = 'ndjson' | 'array'

const formats: ReadonlyMap<string, BodyFormat> = new Map([
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['application/json', 'array'],
])

/** How to read a body, by its Content-Type. Throws HttpError 415. */
export function bodyFormat(contentType: string | undefined): BodyFormat {
  const format = formats.get((contentType ?? '').split(';')[0]!.trim().toLowerCase())
  if (format) return format
  throw new HttpError(
    415,
    'UNSUPPORTED_TYPE',
    'Send events as application/x-ndjson (one JSON object a line) or application/json (an array of objects).',
  )
}

/** What is told of the events of a body while it is cut, beside the verdicts. */
export type EventListener = Pick<EventTimes, 'begin' | 'member' | 'judge'>

/** Says of each part of a body why it is not one event, or nothing. */
export function judgeOf(body: Buffer, { maxEventBytes }: LineLimits, times?: EventListener) {
  // Nearly always true, and then no part has to be asked by itself.
  const utf8 = isUtf8(body)
  return (from: number, to: number): RejectReason | undefined => {
    if (to - from > maxEventBytes) return 'TOO_LARGE'
    if (!utf8 && !isUtf8(body.subarray(from, to))) return 'INVALID_UTF8'
    times?.begin(body)
    const found = scanJson(body, from, to, times?.member)
    if (found === undefined) return 'MALFORMED_JSON'
    if (found === 'value') return 'NOT_AN_OBJECT'
    times?.judge()
    return undefined
  }
}

export const tooMany = (limit: number) =>
  new HttpError(413, 'TOO_MANY_EVENTS', `One request carries at most ${limit} events. Send smaller batches.`)

/** Space, tab and carriage return only. */
function isBlank(body: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (body[i] !== 0x20 && body[i] !== 0x09 && body[i] !== 0x0d) return false
  return true
}

/**
 * One event a line. The bytes of a line are kept as they are, without the line end (LF or CRLF). Blank lines are no events
 * but count as lines. Throws HttpError 413 for too many events.
 */
export function splitNdjson(body: Buffer, limits: LineLimits, times?: EventListener): Split {
  const judge = judgeOf(body, limits, times)
  const accepted: Line[] = []
  const rejected: Rejected[] = []
  for (let start = 0, line = 0; start < body.length; line++) {
    const newline = body.indexOf(0x0a, start)
    const end = newline === -1 ? body.length : newline
    if (!isBlank(body, start, end)) {
      if (accepted.length + rejected.length === limits.maxEvents) throw tooMany(limits.maxEvents)
      const stop = body[end - 1] === 0x0d ? end - 1 : end
      const reason = judge(start, stop)
      const bytes = body.subarray(start, stop)
      if (reason === undefined) accepted.push({ line, bytes })
      else rejected.push({ line, bytes, reason })
    }
    start = end + 1
  }
  return { accepted, rejected }
}
