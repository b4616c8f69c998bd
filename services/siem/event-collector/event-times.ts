import { readTime, timeFields } from '../../common/events/time.ts'
import type { ClockProblem } from '../../common/formats/event.ts'
import { type ClockLimits, clockProblem } from './clock.ts'
import type { Member } from './json.ts'

const names = timeFields.map((name) => Buffer.from(name))
/** By the first byte of a name, so that most members are passed over by one look. */
const begins = new Uint8Array(256)
for (const name of names) begins[name[0]!] = 1

function same(name: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[from + i]) return false
  return true
}

const dayMs = 86_400_000
const two = (bytes: Uint8Array, at: number): number => (bytes[at]! - 0x30) * 10 + (bytes[at + 1]! - 0x30)

/** Days since the epoch of a date of the proleptic Gregorian calendar (H. Hinnant, 'chrono-compatible low-level date algorithms'). */
function days(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const ofEra = y - era * 400
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468
}

/**
 * The minute that a text in quotes at [from, to) begins with, where it is plainly 'YYYY-MM-DDThh:mm:ss.fffZ' on a day that every month has;
 * NaN for anything else, which is then read with care.
 */
function plainMinute(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 21 || to - from > 33 || bytes[from] !== 0x22) return Number.NaN
  const at = from + 1
  const last = bytes[to - 2]
  if (bytes[at + 4] !== 0x2d || bytes[at + 7] !== 0x2d || bytes[at + 13] !== 0x3a || bytes[at + 16] !== 0x3a)
    return Number.NaN
  if (bytes[at + 10] !== 0x54 || last !== 0x5a) return Number.NaN
  for (let i = at + 19; i < to - 2; i++) {
    const c = bytes[i]!
    if (i === at + 19 ? c !== 0x2e : c < 0x30 || c > 0x39) return Number.NaN
  }
  const [month, day, hour, minute, second] = [
    two(bytes, at + 5),
    two(bytes, at + 8),
    two(bytes, at + 11),
    two(bytes, at + 14),
    two(bytes, at + 17),
  ]
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour < 24 && minute < 60 && second < 60))
    return Number.NaN
  return days(two(bytes, at) * 100 + two(bytes, at + 2), month, day) * dayMs + (hour * 60 + minute) * 60_000
}

/**
 * Judges the times of the events of one request, as the hot tier will read them (services/common/events/time.ts), without building the events:
 * `member` is told of an event's members, then `problem` says what is wrong. A time inside another object is not looked at.
 */
export class EventTimes {
  readonly #limits: ClockLimits
  readonly #arrival: number
  readonly #from = names.map(() => -1)
  readonly #to = names.map(() => -1)
  #bytes: Buffer = Buffer.alloc(0)
  readonly counts: Record<ClockProblem, number> = { FUTURE: 0, PAST: 0 }

  constructor(limits: ClockLimits, arrival: number) {
    this.#limits = limits
    this.#arrival = arrival
  }

  begin(bytes: Buffer): void {
    this.#bytes = bytes
    this.#from.fill(-1)
  }

  readonly member: Member = (keyFrom, keyTo, valueFrom, valueTo) => {
    if (begins[this.#bytes[keyFrom]!] === 0) return
    for (let rank = 0; rank < names.length; rank++) {
      const name = names[rank]!
      if (name.length !== keyTo - keyFrom || !same(name, this.#bytes, keyFrom)) continue
      // The last of a name counts, as with JSON.parse.
      this.#from[rank] = valueFrom
      this.#to[rank] = valueTo
    }
  }

  /** Counts the event that was begun last. */
  judge(): void {
    const time = this.#time()
    const problem = time === undefined ? undefined : clockProblem(time, this.#arrival, this.#limits)
    if (problem) this.counts[problem]++
  }

  #time(): number | undefined {
    for (let rank = 0; rank < names.length; rank++) {
      const from = this.#from[rank]!
      if (from === -1) continue
      const to = this.#to[rank]!
      const minute = plainMinute(this.#bytes, from, to)
      const { aheadMs, behindMs } = this.#limits
      // A whole minute that is within bounds: which second of it makes no difference.
      if (minute >= this.#arrival - behindMs && minute + 60_000 <= this.#arrival + aheadMs) return minute
      const found = to - from > 400 ? undefined : readTime(JSON.parse(this.#bytes.toString('utf8', from, to)))
      if (found !== undefined) return found
    }
    return undefined
  }
}
