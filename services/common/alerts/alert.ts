import { createHash } from 'node:crypto'

/** Sigma's levels, the least first. */
export const alertLevels = ['informational', 'low', 'medium', 'high', 'critical'] as const
export type AlertLevel = (typeof alertLevels)[number]

/** An event of the alert's own tenant: batch and line, which with the tenant are its id. */
export type EventRef = readonly [batch: string, line: number]

/** What the correlation engine found: one record of the topic `alerts`. docs/alerts.md describes it. */
export interface Alert {
  /** 32 hexadecimal digits, unique within the tenant; the same finding has the same id. */
  readonly id: string
  readonly tenant: string
  /** Of one event that a rule matched, or of several by a correlation. */
  readonly kind: 'rule' | 'correlation'
  /** The Sigma rule's id. */
  readonly rule: string
  readonly title: string
  /** Who wrote the rule, as its licence asks to say. */
  readonly author?: string
  readonly level: AlertLevel
  /** As the rule has them: 'attack.t1059'. */
  readonly tags: readonly string[]
  /** What the events have in common: fields of `group-by`. Empty for a plain rule. */
  readonly group: Readonly<Record<string, unknown>>
  /** When the last of its events happened, milliseconds since the epoch. */
  readonly time: number
  /** When the first of them happened. */
  readonly start: number
  /** When the collector had the event that made it. */
  readonly arrival: number
  /** When the engine made it. */
  readonly detected: number
  /** How many events made it. */
  readonly hits: number
  /** Its evidence, the oldest first; the newest ones where there are many. */
  readonly events: readonly EventRef[]
  /** The matched event as it was sent, where it is not too long. */
  readonly event?: string
}

/** An event's id as Sigma correlations carry it: '7' + 'batch' ↔ 'batch/7'. A batch may hold a '/'. */
export const refOf = (batch: string, line: number): string => `${batch}/${line}`

export function eventOf(ref: string): EventRef {
  const at = ref.lastIndexOf('/')
  return [ref.slice(0, at), Number(ref.slice(at + 1))]
}

/** The id of what a rule found in one event: a replay finds the same. */
export const ruleAlertId = (rule: string, tenant: string, batch: string, line: number): string =>
  createHash('sha256').update(`${rule}\u0000${tenant}\u0000${batch}\u0000${line}`).digest('hex').slice(0, 32)

/** A text as Sigma's level; what is none is 'informational', as for a rule that says nothing. */
export const levelOf = (text: string | undefined): AlertLevel =>
  alertLevels.find((level) => level === text) ?? 'informational'

const version = 1

/** The value of an alert's record: JSON, beginning with its version. */
export const encodeAlert = (alert: Alert): Buffer => Buffer.from(JSON.stringify({ v: version, ...alert }))

const isText = (value: unknown): value is string => typeof value === 'string'
const isTime = (value: unknown): value is number => Number.isSafeInteger(value)
const isRef = (value: unknown): value is EventRef =>
  Array.isArray(value) && isText(value[0]) && Number.isSafeInteger(value[1]) && value[1] >= 0

/** The alert in a record's value; undefined where there is none that this version knows. */
export function decodeAlert(value: Buffer): Alert | undefined {
  let found: Record<string, unknown>
  try {
    found = JSON.parse(value.toString('utf8')) as Record<string, unknown>
  } catch {
    return undefined
  }
  if (typeof found !== 'object' || found === null) return undefined
  const { v, ...alert } = found
  const { id, tenant, kind, rule, title, level, tags, group, time, start, arrival, detected, hits, events } = alert
  const good =
    v === version &&
    [id, tenant, rule, title].every(isText) &&
    [time, start, arrival, detected, hits].every(isTime) &&
    (kind === 'rule' || kind === 'correlation') &&
    alertLevels.includes(level as AlertLevel) &&
    Array.isArray(tags) &&
    tags.every(isText) &&
    typeof group === 'object' &&
    group !== null &&
    Array.isArray(events) &&
    events.every(isRef)
  return good ? (alert as unknown as Alert) : undefined
}

const idPattern = /^\{"v":1,"id":"([0-9a-f]{32})"/

/** Only the id, read without unpacking the rest. */
export const alertIdOf = (value: Buffer): string | undefined => idPattern.exec(value.toString('latin1', 0, 64))?.[1]
