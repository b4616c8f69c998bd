import { readTime } from '../../services/common/events/time.ts'
import type { Event } from './event-files.ts'

/** Fields that may hold an event's time, the first that can be read counts. */
export const timeFields = ['@timestamp', 'TimeCreated', 'EventTime', 'timestamp', 'time', 'UtcTime'] as const

const inside = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Event)[name] : undefined

/** When an event happened, ms since 1970; undefined where it does not say so. `field`: read this one alone. */
export function eventTime(event: Event, field?: string): number | undefined {
  for (const name of field === undefined ? timeFields : [field]) {
    const time = readTime(event[name])
    if (time !== undefined) return time
  }
  if (field !== undefined) return undefined
  const created = inside(inside(inside(event.Event, 'System'), 'TimeCreated'), '#attributes')
  return readTime(inside(created, 'SystemTime'))
}
