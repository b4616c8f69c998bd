import { classes } from './classes.ts'
import { type Ocsf, type Source, severity, status, unknownEvent } from './event.ts'
import { cisco, type LineMapping, programs } from './syslog-programs.ts'
import {
  addressAt,
  addressOf,
  asAddress,
  asPort,
  asText,
  asUser,
  at,
  objectAt,
  portAt,
  portOf,
  textAt,
  textOf,
  userAt,
  userOf,
} from './values.ts'

/** Of syslog, 0 emergency to 7 debug. */
const syslogSeverities = [
  severity.fatal,
  severity.critical,
  severity.critical,
  severity.high,
  severity.medium,
  severity.low,
  severity.informational,
  severity.informational,
]

const syslogSeverity = (event: Source): number => {
  const value = objectAt(event, 'syslog').severity
  return typeof value === 'number' ? (syslogSeverities[value] ?? severity.unknown) : severity.unknown
}

/** So much of a line is looked at. */
const mostLine = 2_048

function fill(event: Ocsf, mapping: LineMapping, groups: Readonly<Record<string, string | undefined>>): void {
  event.class_uid = classes[mapping.class]
  event.activity_id = mapping.activity
  if (mapping.status) event.status_id = status[mapping.status]
  event.actor_user = asUser(groups.actor)
  event.target_user = asUser(groups.target)
  event.process = asText(groups.process)
  const source = groups.src ?? groups.src2
  event.src_ip = asAddress(source)
  if (event.src_ip === '') event.src_host = asText(source)
  event.src_port = asPort(groups.sport)
  event.dst_ip = asAddress(groups.dst)
  event.dst_port = asPort(groups.dport)
}

/** A line of a program over syslog. */
export function normaliseSyslog(source: Source): Ocsf {
  const event = unknownEvent()
  event.severity_id = syslogSeverity(source)
  const message = source.message
  if (typeof message !== 'string') return event
  const lines = objectAt(source, 'syslog').cisco === undefined ? programs[asText(source.provider).toLowerCase()] : cisco
  const line = message.length > mostLine ? message.slice(0, mostLine) : message
  for (const mapping of lines ?? []) {
    const match = mapping.pattern.exec(line)
    if (match === null) continue
    fill(event, mapping, match.groups ?? {})
    break
  }
  if (event.process === '' && event.class_uid !== classes.network) event.process = asText(source.provider)
  return event
}

/** 0 to 10, as CEF and LEEF have it. @see ArcSight's Common Event Format: 0–3 low, 4–6 medium, 7–8 high, 9–10 very high. */
const levelSeverity = (level: number): number =>
  level >= 9
    ? severity.critical
    : level >= 7
      ? severity.high
      : level >= 4
        ? severity.medium
        : level >= 1
          ? severity.low
          : severity.informational

/** Words of names and categories of devices, in the order in which they decide. */
const words: readonly (readonly [RegExp, keyof typeof classes, number])[] = [
  [
    /malware|virus|trojan|ransom|exploit|intrusion|attack|threat|signature|suspicious|phish|botnet|\bids\b|\bips\b/i,
    'finding',
    1,
  ],
  [/log-?off|log-?out|sign-?out|session (?:end|close)/i, 'authentication', 2],
  [/log-?[oi]n|sign-?in|authenti|password (?:check|verif)|\bmfa\b|\bsso\b/i, 'authentication', 1],
  [/(?:user|account) (?:creat|add)/i, 'account', 1],
  [/(?:user|account) (?:delet|remov)/i, 'account', 6],
  [/password (?:chang|reset)/i, 'account', 3],
  [/\bdns\b/i, 'dns', 1],
  [/\bdhcp\b/i, 'dhcp', 99],
  [/\bvpn\b|tunnel/i, 'network', 99],
]

const refused = /block|den[iy]|drop|reject|refus|quarantin|prevent/i
const failed = /fail|invalid|unsuccess|error|denied|reject/i
const succeeded = /success|accept|allow|permit|pass(?:ed)?\b|\bok\b/i

/** What a message of a device says, of CEF or LEEF. */
interface Device {
  readonly text: string
  readonly level: number
  readonly fields: Source
  readonly action: string
}

function fromDevice({ text, level, fields, action }: Device): Ocsf {
  const event = unknownEvent()
  event.severity_id = level < 0 ? severity.unknown : levelSeverity(level)
  event.src_ip = addressOf(fields, ['src', 'sourceTranslatedAddress', 'c6a2'])
  event.src_port = portOf(fields, ['spt', 'srcPort'])
  event.src_host = textOf(fields, ['shost', 'identHostName'])
  event.dst_ip = addressOf(fields, ['dst', 'destinationTranslatedAddress', 'c6a3'])
  event.dst_port = portOf(fields, ['dpt', 'dstPort'])
  event.dst_host = textOf(fields, ['dhost', 'destinationServiceName'])
  event.actor_user = userOf(fields, ['suser', 'usrName', 'accountName', 'suid'])
  event.target_user = userOf(fields, ['duser', 'duid'])
  event.process = textOf(fields, ['sproc', 'deviceProcessName', 'dproc', 'filePath'])
  const outcome = `${action} ${asText(fields.outcome)} ${asText(fields.reason)}`
  if (refused.test(action) || failed.test(outcome)) event.status_id = status.failure
  else if (succeeded.test(outcome)) event.status_id = status.success
  const word = words.find(([pattern]) => pattern.test(text))
  if (word) {
    event.class_uid = classes[word[1]]
    event.activity_id = word[2]
    if (event.status_id === status.unknown && word[1] === 'authentication')
      event.status_id = failed.test(text) ? status.failure : succeeded.test(text) ? status.success : status.unknown
  } else if (fields.request !== undefined || fields.requestMethod !== undefined || fields.url !== undefined) {
    event.class_uid = classes.http
    event.activity_id = httpActivity(fields.requestMethod)
  } else if (event.src_ip !== '' || event.dst_ip !== '') {
    event.class_uid = classes.network
    event.activity_id = refused.test(action) || refused.test(text) ? 5 : 6
  } else if (fields.fname !== undefined || fields.filePath !== undefined) {
    event.class_uid = classes.file
    event.activity_id = 99
  } else if (fields.sproc !== undefined || fields.dproc !== undefined) {
    event.class_uid = classes.process
    event.activity_id = 99
  }
  return event
}

const methods: Readonly<Record<string, number>> = {
  CONNECT: 1,
  DELETE: 2,
  GET: 3,
  HEAD: 4,
  OPTIONS: 5,
  POST: 6,
  PUT: 7,
  TRACE: 8,
  PATCH: 9,
}
/** HTTP Activity's number of a method. */
export const httpActivity = (method: unknown): number => methods[asText(method).toUpperCase()] ?? 99

export function normaliseCef(source: Source): Ocsf {
  const cef = objectAt(source, 'cef')
  const fields = objectAt(cef, 'extension')
  return fromDevice({
    text: `${asText(cef.name)} ${asText(fields.cat)}`,
    level: typeof cef.level === 'number' ? cef.level : -1,
    fields,
    action: asText(fields.act),
  })
}

export function normaliseLeef(source: Source): Ocsf {
  const leef = objectAt(source, 'leef')
  const fields = objectAt(leef, 'attributes')
  const level = asText(fields.sev) === '' ? -1 : Number(fields.sev)
  return fromDevice({
    text: `${asText(leef.event_id)} ${asText(fields.cat)}`,
    level: level >= 0 && level <= 10 ? level : -1,
    fields,
    action: asText(fields.action) || asText(fields.act),
  })
}

/** Of OpenTelemetry: 1–4 trace, 5–8 debug, 9–12 info, 13–16 warn, 17–20 error, 21–24 fatal. */
const otlpSeverity = (number: unknown): number => {
  if (typeof number !== 'number' || number < 1 || number > 24) return severity.unknown
  return number >= 21
    ? severity.fatal
    : number >= 17
      ? severity.high
      : number >= 13
        ? severity.medium
        : severity.informational
}

/** @see https://opentelemetry.io/docs/specs/semconv/ */
export function normaliseOtlp(source: Source): Ocsf {
  const otlp = objectAt(source, 'otlp')
  const [own, resource] = [objectAt(otlp, 'attributes'), objectAt(otlp, 'resource')]
  const event = unknownEvent()
  event.severity_id = otlpSeverity(otlp.severity_number)
  event.actor_user = userAt(own, ['user.name', 'enduser.id', 'user.id'])
  event.process =
    textAt(own, ['process.executable.path', 'process.executable.name']) ||
    textAt(resource, ['process.executable.path', 'process.executable.name'])
  event.src_ip = addressAt(own, ['client.address', 'source.address', 'network.peer.address'])
  event.src_port = portAt(own, ['client.port', 'source.port', 'network.peer.port'])
  if (event.src_ip === '') event.src_host = textAt(own, ['client.address', 'source.address'])
  event.dst_ip = addressAt(own, ['server.address', 'destination.address', 'network.local.address'])
  event.dst_port = portAt(own, ['server.port', 'destination.port', 'network.local.port'])
  if (event.dst_ip === '') event.dst_host = textAt(own, ['server.address', 'destination.address'])
  const method = at(own, 'http.request.method')
  if (method !== undefined) {
    event.class_uid = classes.http
    event.activity_id = httpActivity(method)
    const code = Number(at(own, 'http.response.status_code'))
    if (code >= 100) event.status_id = code < 400 ? status.success : status.failure
  } else if (at(own, 'exception.type') !== undefined) {
    event.class_uid = classes.applicationError
    event.activity_id = 1
    event.status_id = status.failure
  } else if (at(own, 'db.system.name') !== undefined || at(own, 'db.system') !== undefined) {
    event.class_uid = classes.datastore
    event.activity_id = 99
  } else if (at(own, 'rpc.system') !== undefined) {
    event.class_uid = classes.api
    event.activity_id = 99
  } else if (event.src_ip !== '' && event.dst_ip !== '') {
    event.class_uid = classes.network
    event.activity_id = 6
  }
  return event
}
