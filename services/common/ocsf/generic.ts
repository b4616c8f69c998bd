import { classes } from './classes.ts'
import { type Ocsf, type Source, severity, status, unknownEvent } from './event.ts'
import { calls, categories, names, protocols, suricata } from './generic-tables.ts'
import { httpActivity } from './messages.ts'
import { addressAt, at, portAt, textAt, userAt } from './values.ts'

const severityNames: Readonly<Record<string, number>> = {
  emergency: severity.fatal,
  fatal: severity.fatal,
  alert: severity.critical,
  critical: severity.critical,
  crit: severity.critical,
  error: severity.high,
  err: severity.high,
  high: severity.high,
  warning: severity.medium,
  warn: severity.medium,
  medium: severity.medium,
  notice: severity.low,
  low: severity.low,
  informational: severity.informational,
  information: severity.informational,
  info: severity.informational,
  debug: severity.informational,
  trace: severity.informational,
}

const severityOf = (event: Source): number =>
  severityNames[textAt(event, ['log.level', 'level', 'severity', 'Severity', 'priority']).toLowerCase()] ??
  severity.unknown

const failure = /^fail|den[iy]|invalid|block|reject|error/i
const success = /^success|allow|accept|permit|^ok$|pass/i

function outcomeOf(event: Source): number {
  const text = textAt(event, ['event.outcome', 'outcome', 'result', 'status', 'action'])
  return failure.test(text) ? status.failure : success.test(text) ? status.success : status.unknown
}

/** An integer that OCSF gives, or 0. */
const given = (value: unknown): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31 ? value : 0

const texts = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string')

type Found = readonly [classUid: number, activity: number]

/** By ECS's category and types. */
function byCategory(event: Source): Found | undefined {
  const own = texts(at(event, 'event.category'))
  if (own.length === 0) return undefined
  const found = categories.find(([name]) => own.includes(name))?.[1]
  if (found === undefined) return undefined
  if (found.class === 'http') return [classes.http, httpActivity(at(event, 'http.request.method'))]
  const protocol =
    found.class === 'network' ? protocols[textAt(event, ['network.protocol', 'network.application'])] : undefined
  if (protocol) return [classes[protocol[0]], protocol[1]]
  const type = texts(at(event, 'event.type')).find((name) => found.types[name] !== undefined)
  const logon = found.class === 'authentication' && type === undefined ? 1 : 99
  return [classes[found.class], type === undefined ? logon : found.types[type]!]
}

const logon = /log-?[oi]n|sign-?in|authenticat/i
const logoff = /log-?(?:off|out)|sign-?out/i

/** By names that are known from other products. */
function byNames(event: Source): Found | undefined {
  const kind = event.event_type
  if (typeof kind === 'string' && suricata[kind]) return [classes[suricata[kind][0]], suricata[kind][1]]
  const call = event.eventName
  if (typeof call === 'string' && event.eventSource !== undefined) {
    if (logon.test(call)) return [classes.authentication, 1]
    return [classes.api, calls.find(([pattern]) => pattern.test(call))?.[1] ?? 99]
  }
  const action = textAt(event, ['event.action', 'action', 'event_name', 'event', 'activity', 'operation', 'type'])
  if (logoff.test(action)) return [classes.authentication, 2]
  if (logon.test(action)) return [classes.authentication, 1]
  const method = at(event, 'http.request.method') ?? event.method ?? event.http_method ?? event.request_method
  if (method !== undefined && httpActivity(method) !== 99) return [classes.http, httpActivity(method)]
  if (textAt(event, ['dns.question.name', 'qname']) !== '') return [classes.dns, 1]
  return undefined
}

/** A JSON event in OCSF's terms, by names that are known: OCSF's own, ECS's, Suricata's, Zeek's, CloudTrail's and common ones. */
export function normaliseGeneric(source: Source): Ocsf {
  const event = unknownEvent()
  event.actor_user = userAt(source, names.actor_user)
  event.target_user = userAt(source, names.target_user)
  event.process = textAt(source, names.process)
  event.src_ip = addressAt(source, names.src_ip)
  event.src_port = portAt(source, names.src_port)
  event.src_host = textAt(source, names.src_host)
  event.dst_ip = addressAt(source, names.dst_ip)
  event.dst_port = portAt(source, names.dst_port)
  event.dst_host = textAt(source, names.dst_host)
  if (typeof source.class_uid === 'number' && typeof source.category_uid === 'number') {
    event.class_uid = given(source.class_uid)
    event.activity_id = Math.min(255, given(source.activity_id))
    event.severity_id = Math.min(255, given(source.severity_id))
    event.status_id = Math.min(255, given(source.status_id))
    return event
  }
  event.severity_id = severityOf(source)
  event.status_id = outcomeOf(source)
  const found = byCategory(source) ?? byNames(source)
  if (found) [event.class_uid, event.activity_id] = found
  else if (event.src_ip !== '' && event.dst_ip !== '') {
    event.class_uid = classes.network
    event.activity_id = event.status_id === status.failure ? 5 : 6
  }
  return event
}
