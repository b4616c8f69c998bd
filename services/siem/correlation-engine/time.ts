import { fields } from '../hot-sink/fields.ts'
import { readTime } from '../hot-sink/time.ts'

type Event = Readonly<Record<string, unknown>>

const inside = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Event)[name] : undefined

/** When an event happened, milliseconds since the epoch: its own time stamp as the hot tier reads it, or Windows' nested one, else the arrival. */
export function eventTime(event: Event, arrival: number): number {
  for (const name of fields.time) {
    const found = readTime(event[name])
    if (found !== undefined) return found
  }
  const nested = inside(inside(inside(event.Event, 'System'), 'TimeCreated'), '#attributes')
  return readTime(inside(nested, 'SystemTime')) ?? arrival
}
