import { isUtf8 } from 'node:buffer'
import { type CefMessage, isCef, parseCef } from './cef/cef.ts'
import type { CefFields, LeefFields, MessageEvent, SyslogFields, Transport } from './event.ts'
import { isLeef, type LeefMessage, parseLeef } from './leef/leef.ts'
import { facilities, severities } from './syslog/pri.ts'
import { parseRfc3164, type Rfc3164Message } from './syslog/rfc3164.ts'
import { looksLikeRfc5424, parseRfc5424, type Rfc5424Message } from './syslog/rfc5424.ts'
import type { SdElement } from './syslog/structured-data.ts'

/** What a frame says, before limits and clocks are looked at: an event without transport and original, and its time in milliseconds. */
export interface ReadMessage {
  readonly event: Omit<MessageEvent, 'transport' | 'original' | 'original_encoding' | '@timestamp' | 'clock'>
  readonly time: number | undefined
  readonly text: string
  /** False where the bytes are no UTF-8: `text` is then their Latin-1 reading. */
  readonly utf8: boolean
}

type StructuredData = NonNullable<SyslogFields['structured_data']>

/** By SD-ID and name; elements with the same id are joined. Names are the sender's: no prototype. */
function byId(elements: readonly SdElement[]): StructuredData | undefined {
  if (elements.length === 0) return undefined
  const all: Record<string, Record<string, string | string[]>> = Object.create(null)
  for (const { id, params } of elements) {
    const element = all[id] ?? (Object.create(null) as Record<string, string | string[]>)
    all[id] = element
    for (const [name, value] of params) {
      const before = element[name]
      if (before === undefined) element[name] = value
      else if (typeof before === 'string') element[name] = [before, value]
      else before.push(value)
    }
  }
  return all
}

const priFields = (facility: number | undefined, severity: number | undefined): SyslogFields => ({
  ...(facility === undefined ? {} : { facility, facility_name: facilities[facility]! }),
  ...(severity === undefined ? {} : { severity, severity_name: severities[severity]! }),
})

const given = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } => {
  const found: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) found[name] = value
  return found as { [K in keyof T]?: Exclude<T[K], undefined> }
}

function fields5424(m: Partial<Rfc5424Message>): SyslogFields {
  return {
    ...priFields(m.facility, m.severity),
    ...given({
      version: m.version,
      timestamp: m.timestamp,
      hostname: m.hostname,
      app_name: m.appName,
      procid: m.procId,
      msgid: m.msgId,
      structured_data: m.structuredData && byId(m.structuredData),
    }),
  }
}

function fields3164(m: Rfc3164Message): SyslogFields {
  return {
    ...priFields(m.facility, m.severity),
    ...given({
      timestamp: m.timestamp,
      hostname: m.hostname,
      app_name: m.tag,
      procid: m.pid,
      sequence: m.sequence,
      cisco: m.cisco,
    }),
  }
}

const cefFields = (m: CefMessage): CefFields => ({
  version: m.version,
  vendor: m.vendor,
  product: m.product,
  device_version: m.deviceVersion,
  class_id: m.classId,
  name: m.name,
  severity: m.severity,
  ...given({ level: m.level, labels: m.labels }),
  extension: m.extension,
})

const leefFields = (m: LeefMessage): LeefFields => ({
  version: m.version,
  vendor: m.vendor,
  product: m.product,
  device_version: m.deviceVersion,
  event_id: m.eventId,
  attributes: m.attributes,
})

type Event = ReadMessage['event']
interface Read {
  readonly event: Event
  readonly time: number | undefined
}

const withProblems = (event: Event, problems: readonly string[]): Event =>
  problems.length === 0 ? event : { ...event, problems }

interface Envelope {
  readonly format: 'rfc5424' | 'rfc3164'
  readonly syslog: SyslogFields
  readonly time: number | undefined
  readonly message: string | undefined
  readonly problems: readonly string[]
}

/** The payload in a syslog message or alone: CEF, LEEF, or text. */
function payload(text: string, at: number, near: number, envelope: Envelope | undefined): Read | undefined {
  const outer = envelope?.problems ?? []
  const syslog = envelope && { syslog: envelope.syslog }
  if (isCef(text, at)) {
    const cef = parseCef(text, near, at)
    if (!cef.ok) return undefined
    const { value } = cef
    const { dvchost, dvc, msg } = value.extension
    const event = {
      format: 'cef',
      ...given({ host: dvchost ?? dvc ?? envelope?.syslog.hostname }),
      provider: value.product,
      code: value.classId,
      message: msg ?? value.name,
      ...syslog,
      cef: cefFields(value),
    } as const
    return { event: withProblems(event, [...outer, ...value.problems]), time: value.time ?? envelope?.time }
  }
  if (!isLeef(text, at)) return undefined
  const leef = parseLeef(text, near, at)
  if (!leef.ok) return undefined
  const { value } = leef
  const event = {
    format: 'leef',
    ...given({
      host: value.attributes.identHostName ?? envelope?.syslog.hostname,
      message: value.attributes.msg ?? value.attributes.cat,
    }),
    provider: value.product,
    code: value.eventId,
    ...syslog,
    leef: leefFields(value),
  } as const
  return { event: withProblems(event, [...outer, ...value.problems]), time: value.time ?? envelope?.time }
}

/** Why a payload that says it is CEF or LEEF is neither; undefined where it says nothing of the kind. */
function payloadError(text: string, at: number, near: number): string | undefined {
  const found = isCef(text, at) ? parseCef(text, near, at) : isLeef(text, at) ? parseLeef(text, near, at) : undefined
  return found === undefined || found.ok ? undefined : `${isCef(text, at) ? 'CEF' : 'LEEF'}_${found.code}`
}

function enveloped(text: string, at: number, near: number, envelope: Envelope): Read {
  const inner = payload(text, at, near, envelope)
  if (inner) return inner
  const problem = payloadError(text, at, near)
  const { format, syslog, time, message, problems } = envelope
  const { cisco } = syslog
  const event = {
    format,
    ...given({
      host: syslog.hostname,
      provider: syslog.app_name ?? cisco?.facility,
      code: syslog.msgid ?? (cisco && `${cisco.facility}-${cisco.severity}-${cisco.mnemonic}`),
      message,
    }),
    syslog,
  }
  return { event: withProblems(event, problem ? [...problems, problem] : problems), time }
}

function read(text: string, near: number): Read {
  if (isCef(text) || isLeef(text))
    return (
      payload(text, 0, near, undefined) ?? {
        event: { format: 'unknown', message: text, problems: [payloadError(text, 0, near) ?? 'UNKNOWN'] },
        time: undefined,
      }
    )
  if (looksLikeRfc5424(text)) {
    const found = parseRfc5424(text)
    if (!found.ok) {
      const partial = fields5424(found.partial ?? {})
      const problems = [...(found.partial?.problems ?? []), found.code]
      const event = { format: 'unknown', ...given({ host: partial.hostname }), message: text, syslog: partial } as const
      return { event: { ...event, problems }, time: found.partial?.time }
    }
    const { time, message, messageAt, problems } = found.value
    const syslog = fields5424(found.value)
    return enveloped(text, messageAt, near, { format: 'rfc5424', syslog, time, message, problems })
  }
  const found = parseRfc3164(text, near)
  if (!found.ok) return { event: { format: 'unknown', message: text, problems: [found.code] }, time: undefined }
  const { time, message, messageAt, problems } = found.value
  return enveloped(text, messageAt, near, {
    format: 'rfc3164',
    syslog: fields3164(found.value),
    time,
    message,
    problems,
  })
}

/**
 * Reads one frame, whatever its format. Never fails: what no parser takes is an event of format `unknown` with the parser's code. `near`
 * (milliseconds since the epoch) tells the year of times that have none.
 */
export function readMessage(bytes: Buffer, near: number): ReadMessage {
  const utf8 = isUtf8(bytes)
  const text = bytes.toString(utf8 ? 'utf8' : 'latin1')
  const { event, time } = read(text, near)
  return { event: utf8 ? event : withProblems(event, [...(event.problems ?? []), 'NOT_UTF8']), time, text, utf8 }
}

export type { Transport }
