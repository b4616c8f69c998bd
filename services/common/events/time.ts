/** The last moment that DateTime64(3) holds, milliseconds since the epoch. */
export const latest = Date.UTC(2299, 11, 31, 23, 59, 59, 999)

const iso =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?\s?(?:(Z|UTC)|([+-])(\d\d):?(\d\d)?)?$/i
const digits = /^\d{9,13}(\.\d{1,9})?$/
/** Numbers from here on are milliseconds; as seconds they would be the year 5138. */
const leastMilliseconds = 1e11
/** Smaller numbers count something else: as seconds they would be before 1973. */
const leastSeconds = 1e8

const within = (ms: number): number | undefined => (ms >= 0 && ms <= latest ? ms : undefined)

function fromNumber(value: number): number | undefined {
  if (!(value >= leastSeconds)) return undefined
  return within(Math.round(value >= leastMilliseconds ? value : value * 1_000))
}

function fromText(text: string): number | undefined {
  const match = iso.exec(text)
  if (!match) return digits.test(text) ? fromNumber(Number(text)) : undefined
  const [, year, month, day, hour, minute, second = '0', fraction = '', , sign, zoneHour = '0', zoneMinute = '0'] =
    match
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  // Date.UTC takes years below 100 for the last century's, and rolls over what does not exist.
  if (y < 1969 || mo < 1 || mo > 12 || d < 1 || d > new Date(Date.UTC(y, mo, 0)).getUTCDate()) return undefined
  const [zh, zm] = [Number(zoneHour), Number(zoneMinute)]
  if (h > 23 || mi > 59 || s > 59 || zh > 15 || zm > 59) return undefined
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'))
  const zone = (sign === '-' ? -1 : 1) * (zh * 60 + zm) * 60_000
  return within(Date.UTC(y, mo - 1, d, h, mi, s, ms) - (sign === undefined ? 0 : zone))
}

/**
 * The moment that a value of an event means, milliseconds since the epoch: ISO 8601 or 'YYYY-MM-DD hh:mm:ss.mmm' (UTC where no zone stands),
 * seconds or milliseconds since the epoch as number or text. Undefined for anything else and for what is not in 1970 to 2299.
 */
export function readTime(value: unknown): number | undefined {
  if (typeof value === 'number') return fromNumber(value)
  return typeof value === 'string' && value.length <= 64 ? fromText(value.trim()) : undefined
}

/** The fields in which an event says when it happened: the first that can be read is taken. */
export const timeFields = ['@timestamp', 'TimeCreated', 'EventTime', 'timestamp', 'time'] as const

const inside = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined

/** When an event happened, milliseconds since the epoch: its own time stamp, or that of a nested Windows event, else its arrival. */
export function eventTime(event: Readonly<Record<string, unknown>>, arrival: number): number {
  for (const name of timeFields) {
    const found = readTime(event[name])
    if (found !== undefined) return found
  }
  const created = inside(inside(inside(event.Event, 'System'), 'TimeCreated'), '#attributes')
  return readTime(inside(created, 'SystemTime')) ?? arrival
}
