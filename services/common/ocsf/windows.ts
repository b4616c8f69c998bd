import { classes } from './classes.ts'
import { type Ocsf, type Source, severity, status, unknownEvent } from './event.ts'
import { addressOf, asText, objectAt, portOf, textOf, userOf } from './values.ts'
import { type Endpoint, logs, type WindowsLog, type WindowsMapping } from './windows-tables.ts'

/** A Windows event, whatever its shape: what the system says of it, and its own data. */
export interface WindowsEvent {
  readonly channel: string
  readonly provider: string
  readonly id: number
  readonly computer: string
  readonly level: unknown
  readonly keywords: unknown
  readonly data: Source
}

const numberOf = (value: unknown): number => {
  const inner =
    typeof value === 'object' && value !== null ? ((value as Source)['#text'] ?? (value as Source).Value) : value
  const id = typeof inner === 'number' ? inner : typeof inner === 'string' && inner !== '' ? Number(inner) : Number.NaN
  return Number.isInteger(id) && id >= 0 ? id : -1
}

/** A name is a text; a number or an object in its place is not one. */
const nameOf = (value: unknown): string => (typeof value === 'string' ? asText(value) : '')

/** An attribute of an element: beneath `#attributes`, with an @ before it, or as a member. */
const attribute = (of: Source, name: string): unknown => objectAt(of, '#attributes')[name] ?? of[`@${name}`] ?? of[name]

/** `<Data Name="x">y</Data>` as converters write it: an object by name already, or a list of elements. */
function dataOf(data: Source): Source {
  const list = data.Data
  if (!Array.isArray(list)) return data
  const named: Record<string, unknown> = {}
  for (const entry of list) {
    if (typeof entry !== 'object' || entry === null) continue
    const name = attribute(entry, 'Name')
    if (typeof name === 'string') named[name] = entry['#text'] ?? entry['#content'] ?? entry.text ?? entry.Value
  }
  return named
}

/** The only member of UserData, whose name differs from log to log. */
function userData(event: Source): Source {
  const data = objectAt(event, 'UserData')
  for (const name in data) if (name !== '#attributes') return objectAt(data, name)
  return data
}

function nested(event: Source): WindowsEvent {
  const system = objectAt(event, 'System')
  const provider = objectAt(system, 'Provider')
  return {
    channel: nameOf(system.Channel),
    provider: nameOf(attribute(provider, 'Name')) || nameOf(system.Provider),
    id: numberOf(system.EventID),
    computer: nameOf(system.Computer),
    level: system.Level,
    keywords: system.Keywords,
    data:
      event.EventData === undefined || event.EventData === null
        ? userData(event)
        : dataOf(objectAt(event, 'EventData')),
  }
}

function beats(winlog: Source): WindowsEvent {
  return {
    channel: nameOf(winlog.channel),
    provider: nameOf(winlog.provider_name),
    id: numberOf(winlog.event_id),
    computer: nameOf(winlog.computer_name),
    level: winlog.level,
    keywords: winlog.keywords,
    data: winlog.event_data === undefined ? objectAt(winlog, 'user_data') : objectAt(winlog, 'event_data'),
  }
}

/** Reads an event as one of Windows: nested as it is in the event log, flat as NXLog and others send it, or Winlogbeat's. Undefined: it is none. */
export function windowsEvent(event: Source): WindowsEvent | undefined {
  if (typeof event.Event === 'object' && event.Event !== null) {
    const inner = event.Event as Source
    if (typeof inner.System === 'object') return nested(inner)
  }
  if (typeof event.winlog === 'object' && event.winlog !== null) return beats(event.winlog as Source)
  const id = event.EventID ?? event.EventId ?? event.event_id
  if (id === undefined) return undefined
  const channel = nameOf(event.Channel ?? event.LogName ?? event.log_name)
  const provider = nameOf(event.SourceName ?? event.ProviderName ?? event.Provider_Name ?? event.source_name)
  if (channel === '' && provider === '') return undefined
  return {
    channel,
    provider,
    id: numberOf(id),
    computer: nameOf(event.Hostname ?? event.Computer),
    level: event.Level ?? nxlogLevel(event.SeverityValue),
    keywords: event.EventType ?? event.Keywords,
    data: event,
  }
}

/** NXLog's SeverityValue, 1 debug to 5 critical, as the level of Windows. */
const nxlogLevel = (value: unknown): number | undefined => {
  const severityValue = numberOf(value)
  return severityValue < 1 || severityValue > 5 ? undefined : [5, 4, 3, 2, 1][severityValue - 1]
}

/** By the level of Windows: 1 critical, 2 error, 3 warning, 4 information, 5 verbose. */
const severities = [
  severity.informational,
  severity.critical,
  severity.high,
  severity.medium,
  severity.informational,
  severity.informational,
]
const levels: Readonly<Record<string, number>> = { critical: 1, error: 2, warning: 3, information: 4, verbose: 5 }

const severityOf = (level: unknown): number =>
  severities[typeof level === 'string' ? (levels[level.toLowerCase()] ?? numberOf(level)) : numberOf(level)] ??
  severity.informational

/** Audit success and failure are bits of the keywords, 0x0020… and 0x0010…, which senders write as numbers, texts or lists. */
function statusOf(keywords: unknown): number {
  if (Array.isArray(keywords)) return statusOf(keywords[0])
  const text = typeof keywords === 'number' ? keywords.toFixed(0) : typeof keywords === 'string' ? keywords : ''
  if (text === '') return status.unknown
  if (/^(?:0x80?10|-92188)|fail/i.test(text)) return status.failure
  return /^(?:0x80?20|-92143)|success/i.test(text) ? status.success : status.unknown
}

function endpoint(of: Endpoint | undefined, data: Source, event: Ocsf, side: 'src' | 'dst'): void {
  if (of === undefined) return
  if (of.ip) event[`${side}_ip`] = addressOf(data, of.ip)
  if (of.port) event[`${side}_port`] = portOf(data, of.port)
  if (of.host) event[`${side}_host`] = textOf(data, of.host)
}

/** What Sysmon calls a registry event. */
const registry: Readonly<Record<string, number>> = { CreateKey: 1, DeleteKey: 4, DeleteValue: 4 }

function activityOf(mapping: WindowsMapping, data: Source): number {
  return mapping.class === 'registryKey' && mapping.activity === 99
    ? (registry[asText(data.EventType)] ?? mapping.activity)
    : mapping.activity
}

const byName = new Map(Object.entries(logs))
/** Channels and providers as senders write them; bounded, for they come from outside. */
const seen = new Map<string, WindowsLog | undefined>()

function logOf(name: string): WindowsLog | undefined {
  if (name === '') return undefined
  if (seen.has(name)) return seen.get(name)
  const log = byName.get(name.toLowerCase())
  if (seen.size < 1_000) seen.set(name, log)
  return log
}

/** An event of Windows in OCSF's terms. */
export function normaliseWindows({ channel, provider, id, level, keywords, data }: WindowsEvent): Ocsf {
  const event = unknownEvent()
  event.severity_id = severityOf(level)
  const byChannel = logOf(channel)
  const log = byChannel?.events[id] ? byChannel : (logOf(provider) ?? byChannel)
  event.status_id = statusOf(keywords)
  if (log === undefined) return event
  const mapping = log.events[id]
  event.actor_user = userOf(data, mapping?.actor ?? log.actor)
  event.process = textOf(data, mapping?.process ?? log.process)
  if (mapping === undefined) return event
  event.class_uid = classes[mapping.class]
  event.activity_id = activityOf(mapping, data)
  if (mapping.status !== undefined) event.status_id = status[mapping.status]
  if (mapping.target !== undefined) event.target_user = userOf(data, mapping.target)
  endpoint(mapping.source, data, event, 'src')
  endpoint(mapping.destination, data, event, 'dst')
  return event
}
