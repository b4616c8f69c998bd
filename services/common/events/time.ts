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

/** Two digits from `at`, or NaN. */
function twoDigits(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - 48, text.charCodeAt(at + 1) - 48]
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

/**
 * `YYYY-MM-DD hh:mm:ss`, with T or a space, a fraction and Z or none: as nearly all events have it, at a tenth of the expression's cost. NaN for every
 * other form, and for what may be out of range.
 */
function fromUsual(text: string): number {
  const { length } = text
  if (length < 19 || text[4] !== '-' || text[7] !== '-' || text[13] !== ':' || text[16] !== ':') return Number.NaN
  if (text[10] !== 'T' && text[10] !== ' ') return Number.NaN
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
  const [month, day, hour] = [twoDigits(text, 5), twoDigits(text, 8), twoDigits(text, 11)]
  const [minute, second] = [twoDigits(text, 14), twoDigits(text, 17)]
  // Days that only some months have are the expression's.
  const whole = year >= 1970 && year < 2299 && month >= 1 && month <= 12 && day >= 1 && day <= 28
  if (!(whole && hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN
  let ms = 0
  let at = 19
  if (text[at] === '.') {
    for (let unit = 100; ++at < length && at < 29; unit /= 10) {
      const digit = text.charCodeAt(at) - 48
      if (!(digit >= 0 && digit <= 9)) break
      if (unit >= 1) ms += digit * unit
    }
    if (at === 20) return Number.NaN
  }
  if (at < length && !(text[at] === 'Z' && at === length - 1)) return Number.NaN
  return Date.UTC(year, month - 1, day, hour, minute, second, ms)
}

function fromText(text: string): number | undefined {
  const usual = fromUsual(text)
  if (!Number.isNaN(usual)) return usual
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
