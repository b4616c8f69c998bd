/** A point in time as somebody wrote it. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly ms: number
  /** The place after its last character. */
  readonly end: number
}

const iso =
  /(\d{4})-(\d\d)-(\d\d)([Tt ])(\d\d):(\d\d):(\d\d)(?:([.,])(\d{1,9}))?(?:([Zz])|([+-])(\d\d)(:?)(\d\d))?(?![\w.,+-])/y

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const months: ReadonlyMap<string, number> = new Map(monthNames.map((name, i) => [name, i]))

/** Minutes east of UTC, of the names that mean one zone only. */
const zones: ReadonlyMap<string, number> = new Map(
  Object.entries({
    UTC: 0,
    GMT: 0,
    Z: 0,
    WET: 0,
    CET: 60,
    CEST: 120,
    EET: 120,
    EEST: 180,
    MSK: 180,
    JST: 540,
    AEST: 600,
  }).concat(Object.entries({ EST: -300, EDT: -240, CST: -360, CDT: -300, MST: -420, MDT: -360, PST: -480, PDT: -420 })),
)

const bsd = new RegExp(
  [
    String.raw`(?:(\d{4}) )?(${monthNames.join('|')}) {1,2}(\d{1,2})(?: (\d{4}))?,? (\d\d):(\d\d):(\d\d)`,
    String.raw`(?:[.,](\d{1,9}))?(?: (\d{4})(?=:?(?: |$)))?(?: ?(${[...zones.keys()].join('|')})(?=[ :]|$)| ?([+-])(\d\d):?(\d\d)(?=[ :]|$))?`,
    String.raw`(?![\w.,-])`,
  ].join(''),
  'y',
)

const milli = (fraction: string | undefined): number =>
  fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'))

const daysIn = (year: number, month: number): number =>
  new Date(Date.UTC(2000 + (year % 400), month + 1, 0)).getUTCDate()

interface Clock {
  readonly year: number
  /** From 0. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly milli: number
}

/** Undefined for what no calendar and no clock shows. */
function instant({ year, month, day, hour, minute, second, milli: fraction }: Clock): number | undefined {
  if (year < 1970 || month < 0 || month > 11 || day < 1 || day > daysIn(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  return Date.UTC(year, month, day, hour, minute, second, fraction)
}

export interface IsoMoment extends Moment {
  /** As RFC 5424 wants it: 'T', 'Z' or an offset with a colon, at most six digits of a second. */
  readonly strict: boolean
}

/**
 * A date and time of RFC 3339 at `from`, and what devices make of it: a space for the 'T', a comma before the fraction, nine digits of it, no
 * colon in the offset, no offset (then UTC). Undefined where none stands or none can be.
 */
export function isoTime(text: string, from = 0): IsoMoment | undefined {
  iso.lastIndex = from
  const m = iso.exec(text)
  if (!m) return undefined
  const clock = {
    year: Number(m[1]),
    month: Number(m[2]) - 1,
    day: Number(m[3]),
    hour: Number(m[5]),
    minute: Number(m[6]),
    second: Number(m[7]),
    milli: milli(m[9]),
  }
  const local = instant(clock)
  const [zoneHour, zoneMinute] = [Number(m[12] ?? 0), Number(m[14] ?? 0)]
  if (local === undefined || zoneHour > 23 || zoneMinute > 59) return undefined
  const zone = (m[11] === '-' ? -1 : 1) * (zoneHour * 60 + zoneMinute) * 60_000
  const strict =
    m[4] === 'T' &&
    m[8] !== ',' &&
    (m[9]?.length ?? 0) <= 6 &&
    (m[10] === 'Z' || (m[11] !== undefined && m[13] === ':'))
  return { ms: local - zone, end: iso.lastIndex, strict }
}

/**
 * A time of RFC 3164 at `from` ('Oct  9 22:33:20'), with a year at any of the places where devices put it, fractions, and a zone where its name
 * or offset is clear; else UTC. Without a year it is the one that brings it nearest to `near` (milliseconds since the epoch).
 */
export function bsdTime(text: string, from: number, near: number): Moment | undefined {
  bsd.lastIndex = from
  const m = bsd.exec(text)
  if (!m) return undefined
  const end = bsd.lastIndex
  const clock = {
    month: months.get(m[2]!)!,
    day: Number(m[3]),
    hour: Number(m[5]),
    minute: Number(m[6]),
    second: Number(m[7]),
    milli: milli(m[8]),
  }
  const named = m[10] === undefined ? undefined : zones.get(m[10])
  const offset = named ?? (m[11] === '-' ? -1 : 1) * (Number(m[12] ?? 0) * 60 + Number(m[13] ?? 0))
  const of = (year: number): number | undefined => {
    const ms = instant({ ...clock, year })
    return ms === undefined ? undefined : ms - offset * 60_000
  }
  const given = m[1] ?? m[4] ?? m[9]
  if (given !== undefined) {
    const ms = of(Number(given))
    return ms === undefined ? undefined : { ms, end }
  }
  const year = new Date(near).getUTCFullYear()
  const nearest = [year, year - 1, year + 1]
    .map(of)
    .filter((ms) => ms !== undefined)
    .sort((a, b) => Math.abs(a - near) - Math.abs(b - near))[0]
  return nearest === undefined ? undefined : { ms: nearest, end }
}

/**
 * A whole text that is a time: RFC 3339, RFC 3164, or digits: seconds (nine or ten) or milliseconds (twelve or thirteen) since the epoch.
 * Undefined for anything else.
 */
export function anyTime(text: string, near: number): number | undefined {
  if (/^\d{9,10}(\.\d{1,9})?$/.test(text)) return Math.round(Number(text) * 1_000)
  if (/^\d{12,13}$/.test(text)) return Number(text)
  const found = isoTime(text) ?? bsdTime(text, 0, near)
  return found?.end === text.length ? found.ms : undefined
}
