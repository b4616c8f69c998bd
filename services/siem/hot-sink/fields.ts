import { readTime, timeFields } from '../../common/events/time.ts'
import type { ColumnName } from '../../common/hot-tier/schema.ts'

/** The columns that are read out of an event, each with the fields that may hold it: the first that can be read is taken. */
export const fields = {
  time: timeFields,
  channel: ['Channel', 'channel', 'log_name'],
  code: ['EventID', 'event_id', 'code'],
  provider: ['SourceName', 'provider', 'Provider'],
  host: ['Hostname', 'host', 'Computer', 'hostname'],
} as const satisfies Partial<Record<ColumnName, readonly string[]>>

/** An event's own columns. `time`: milliseconds since the epoch. */
export type EventColumns = { readonly [Name in keyof typeof fields]: Name extends 'time' ? number : string }

/** Longer texts are cut: these columns are for grouping, and the event itself is kept whole. */
export const maxTextBytes = 256

/** At most `most` bytes of UTF-8, ending with a whole code point. */
export function cutText(text: string, most: number): string {
  if (text.length * 3 <= most || Buffer.byteLength(text) <= most) return text
  // A code point of n bytes is never shorter than n / 3 UTF-16 units, so no more than `most` of these can matter.
  const bytes = Buffer.from(text.slice(0, most))
  let end = Math.min(most, bytes.length)
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}

const asText = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** A number or text, or winlog's {"#text": …}. */
function asCode(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined
  if (typeof value !== 'object' || value === null) return asText(value)
  const inner = (value as { '#text'?: unknown })['#text']
  return typeof inner === 'object' ? undefined : asCode(inner)
}

function first<T>(event: Readonly<Record<string, unknown>>, names: readonly string[], read: (value: unknown) => T) {
  for (const name of names) {
    const found = read(event[name])
    if (found !== undefined) return found
  }
  return undefined
}

/** What an event says, out of its text; nothing where that is no JSON object. */
export function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    // Another writer's: it is stored all the same, and found by tenant and arrival.
    return {}
  }
}

/** The columns of an event. Never throws: what is not there or cannot be read is '', and `time` then the arrival. */
export function columnsOf(event: Readonly<Record<string, unknown>>, arrival: number): EventColumns {
  const text = (names: readonly string[], read = asText) => cutText(first(event, names, read) ?? '', maxTextBytes)
  return {
    time: first(event, fields.time, readTime) ?? arrival,
    channel: text(fields.channel),
    code: text(fields.code, asCode),
    provider: text(fields.provider),
    host: text(fields.host),
  }
}
