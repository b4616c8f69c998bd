/** One event's identity within a tenant. */
export interface EventIdentity {
  readonly tenant: string
  readonly batch: string
  readonly line: number
}

/** A value, or the sentence that says what it should have been. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string }

/** The longest text that a condition compares. */
const maxTextLength = 4_096
export const maxListLength = 100

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const longestBucket = 366 * units.d

/** Whatever it is, short enough to stand in a sentence. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 60).toWellFormed()}…` : text
}

/** A text that travels and compares as it is. */
export function parseText(value: unknown, mayBeEmpty: boolean): Parsed<string> {
  if (typeof value !== 'string') return { problem: 'must be a text' }
  if (value === '' && !mayBeEmpty) return { problem: 'must be a text of at least one character' }
  if (value.length > maxTextLength) return { problem: `must be a text of at most ${maxTextLength} characters` }
  if (!value.isWellFormed()) return { problem: 'must be well-formed Unicode: half of a surrogate pair stands alone' }
  return { value }
}

/** A number that a double holds exactly. */
export const parseNumber = (value: unknown): Parsed<number> =>
  Number.isSafeInteger(value) ? { value: value as number } : { problem: 'must be a whole number' }

/** One word: what stands between signs that are neither letters nor digits. */
export function parseWord(value: unknown): Parsed<string> {
  const text = parseText(value, false)
  if ('problem' in text) return text
  return /^[A-Za-z0-9\u0080-\u{10ffff}]{1,256}$/u.test(text.value)
    ? text
    : { problem: 'must be one word of letters and digits, at most 256 characters' }
}

const iso = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(Z|[+-]\d\d:\d\d))?$/
const isoHint = "must be an ISO 8601 time with its zone, such as '2026-01-05T13:45:00.250Z', or a date (midnight UTC)"

/** Milliseconds since the epoch, of the years 1900 to 2299 that the hot tier can hold. */
export function parseInstant(value: unknown): Parsed<number> {
  const match = typeof value === 'string' ? iso.exec(value) : null
  if (!match) return { problem: isoHint }
  const [, date, minutes = '00:00', seconds = '00', fraction = '', zone = 'Z'] = match
  const at = Date.parse(`${date}T${minutes}:${seconds}.${fraction.padEnd(3, '0')}${zone}`)
  // Date.parse takes 30 February for 2 March.
  if (Number.isNaN(at) || !new Date(`${date}T00:00:00Z`).toISOString().startsWith(date!)) return { problem: isoHint }
  const year = new Date(at).getUTCFullYear()
  return year < 1900 || year > 2299 ? { problem: 'must lie in the years 1900 to 2299' } : { value: at }
}

/** Milliseconds of '<n>s', m, h or d. */
export function parseBucket(value: unknown): Parsed<number> {
  const match = typeof value === 'string' ? /^([1-9]\d{0,7})([smhd])$/.exec(value) : null
  const width = match ? Number(match[1]) * units[match[2] as keyof typeof units] : Number.NaN
  return width <= longestBucket
    ? { value: width }
    : { problem: "must be a whole number and one of s, m, h, d, from '1s' to '366d', such as '15m'" }
}

const identity = /^([^/]{1,63})\/([A-Za-z0-9._:-]{1,128})\/(0|[1-9]\d{0,9})$/

/** '<tenant>/<batch>/<line>', as the collector makes it. */
export function parseEventId(value: unknown): Parsed<EventIdentity> {
  const match = typeof value === 'string' && value.isWellFormed() ? identity.exec(value) : null
  const line = Number(match?.[3])
  return match && line < 2 ** 32
    ? { value: { tenant: match[1]!, batch: match[2]!, line } }
    : { problem: "must be an event's id, '<tenant>/<batch>/<line>'" }
}
