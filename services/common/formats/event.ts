import type { Texts } from './result.ts'

/** What a message was read as. `unknown`: kept to the byte and found by its text; `problems` says why. */
export type FormatName = 'rfc5424' | 'rfc3164' | 'cef' | 'leef' | 'otlp' | 'unknown'

/** How a message came, and from where: facts of the connection, never of the message. */
export interface Transport {
  readonly protocol: 'syslog-tls' | 'syslog-tcp' | 'syslog-udp' | 'otlp-http'
  /** Address of the sender, or of the last hop that hides it. */
  readonly peer?: string
}

/** The header of a syslog message, around whatever it carries. */
export interface SyslogFields {
  readonly facility?: number
  readonly facility_name?: string
  readonly severity?: number
  readonly severity_name?: string
  /** 1 for RFC 5424; not there for RFC 3164. */
  readonly version?: number
  /** As it was written. */
  readonly timestamp?: string
  readonly hostname?: string
  readonly app_name?: string
  readonly procid?: string
  readonly msgid?: string
  /** By SD-ID, then by name; an array where a name stands more than once. */
  readonly structured_data?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
  readonly sequence?: number
  readonly cisco?: { readonly facility: string; readonly severity: number; readonly mnemonic: string }
}

export interface CefFields {
  readonly version: number
  readonly vendor: string
  readonly product: string
  readonly device_version: string
  readonly class_id: string
  readonly name: string
  readonly severity: string
  /** 0 to 10. */
  readonly level?: number
  readonly extension: Texts
  /** Custom fields by their labels. */
  readonly labels?: Texts
}

export interface LeefFields {
  readonly version: '1.0' | '2.0'
  readonly vendor: string
  readonly product: string
  readonly device_version: string
  readonly event_id: string
  readonly attributes: Texts
}

/** A log record of OpenTelemetry, with its resource and scope. Values are JSON; bytes are base64, whole numbers beyond 2^53 texts. */
export interface OtlpFields {
  readonly resource: Readonly<Record<string, unknown>>
  readonly scope?: {
    readonly name?: string
    readonly version?: string
    readonly attributes?: Readonly<Record<string, unknown>>
  }
  /** Nanoseconds since the epoch, as a text. */
  readonly time_unix_nano?: string
  readonly observed_time_unix_nano?: string
  /** 1 to 24. */
  readonly severity_number?: number
  readonly severity_text?: string
  readonly body?: unknown
  readonly attributes: Readonly<Record<string, unknown>>
  /** Hexadecimal. */
  readonly trace_id?: string
  readonly span_id?: string
  readonly flags?: number
  readonly event_name?: string
  readonly dropped_attributes_count?: number
}

/** An event that the collector made out of a message which was no JSON object: the line that Kafka and the hot tier keep. */
export interface MessageEvent {
  readonly format: FormatName
  /** ISO 8601 in UTC, of the innermost part that has a time. Not there: the event's time is its arrival. */
  readonly '@timestamp'?: string
  readonly host?: string
  /** What wrote it: APP-NAME, tag, product, service.name. */
  readonly provider?: string
  /** Which kind of message it is, as its device says: MSGID, mnemonic, class id, event id. */
  readonly code?: string
  readonly message?: string
  readonly syslog?: SyslogFields
  readonly cef?: CefFields
  readonly leef?: LeefFields
  readonly otlp?: OtlpFields
  readonly transport: Transport
  /** What was wrong with it, by the codes of the parsers. */
  readonly problems?: readonly string[]
  /** How far its time is from its arrival, where that is more than a clock's error or a long buffer explains. */
  readonly clock?: ClockProblem
  /** The message to the byte: as text, or as base64 where `original_encoding` says so. */
  readonly original: string
  readonly original_encoding?: 'base64'
}

export type ClockProblem = 'FUTURE' | 'PAST'
