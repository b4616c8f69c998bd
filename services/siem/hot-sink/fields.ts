import { eventTime, timeFields } from '../../common/events/time.ts'
import type { ColumnName } from '../../common/hot-tier/schema.ts'
import type { Ocsf, Source } from '../../common/ocsf/event.ts'
import { normalise } from '../../common/ocsf/normalise.ts'
import { at } from '../../common/ocsf/values.ts'

/** The columns of an event as its sender names them, each with the fields that may hold it (dots lead into objects): the first that can be read is taken. */
export const fields = {
  time: timeFields,
  channel: ['Channel', 'channel', 'log_name', 'event.dataset'],
  code: ['EventID', 'event_id', 'code', 'event.code'],
  provider: ['SourceName', 'provider', 'Provider', 'event.provider'],
  host: ['Hostname', 'host', 'Computer', 'hostname', 'host.name', 'device.hostname', 'host.hostname'],
} as const satisfies Partial<Record<ColumnName, readonly string[]>>

/** An event's own columns. `time`: milliseconds since the epoch. */
export type EventColumns = {
  readonly [Name in keyof typeof fields]: Name extends 'time' ? number : string
} & Readonly<Ocsf>

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

function first<T>(event: Source, names: readonly string[], read: (value: unknown) => T) {
  for (const name of names) {
    const found = read(at(event, name))
    if (found !== undefined) return found
  }
  return undefined
}

/** What an event says, out of its text; nothing where that is no JSON object. */
export function parsed(text: string): Source {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Source) : {}
  } catch {
    // Another writer's: it is stored all the same, and found by tenant and arrival.
    return {}
  }
}

/** The columns of an event. Never throws: what is not there or cannot be read is '' or 0, and `time` then the arrival. */
export function columnsOf(event: Source, arrival: number): EventColumns {
  const { ocsf, windows } = normalise(event)
  const text = (names: readonly string[], other: string | undefined, read = asText) =>
    cutText(first(event, names, read) ?? other ?? '', maxTextBytes)
  const { actor_user, target_user, process, src_ip, src_host, dst_ip, dst_host } = ocsf
  return {
    time: eventTime(event, arrival),
    channel: text(fields.channel, windows?.channel),
    code: text(fields.code, windows === undefined || windows.id < 0 ? '' : String(windows.id), asCode),
    provider: text(fields.provider, windows?.provider),
    host: text(fields.host, windows?.computer),
    class_uid: ocsf.class_uid,
    activity_id: ocsf.activity_id,
    severity_id: ocsf.severity_id,
    status_id: ocsf.status_id,
    actor_user: cutText(actor_user, maxTextBytes),
    target_user: cutText(target_user, maxTextBytes),
    process: cutText(process, maxTextBytes),
    src_ip,
    src_port: ocsf.src_port,
    src_host: cutText(src_host, maxTextBytes),
    dst_ip,
    dst_port: ocsf.dst_port,
    dst_host: cutText(dst_host, maxTextBytes),
  }
}
