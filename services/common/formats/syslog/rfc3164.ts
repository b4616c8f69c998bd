import { isIPv6 } from 'node:net'
import { failed, type Parsed } from '../result.ts'
import { bsdTime, isoTime, type Moment } from '../timestamp.ts'
import { type PriError, parsePri } from './pri.ts'

/** A mnemonic of Cisco's systems: '%FACILITY-SEVERITY-MNEMONIC'. */
export interface CiscoMnemonic {
  /** With its subfacility, where there is one: 'SYS', 'LINEPROTO', 'ASA', 'SEC_LOGIN'. */
  readonly facility: string
  /** 0 to 7. */
  readonly severity: number
  readonly mnemonic: string
}

/** A message of RFC 3164, in any of the forms that devices give it. What is not there is undefined. */
export interface Rfc3164Message {
  readonly facility: number | undefined
  readonly severity: number | undefined
  /** As it was written. */
  readonly timestamp: string | undefined
  /** Milliseconds since the epoch. */
  readonly time: number | undefined
  readonly hostname: string | undefined
  readonly tag: string | undefined
  readonly pid: string | undefined
  /** The sequence number that Cisco's systems may put first. */
  readonly sequence: number | undefined
  readonly cisco: CiscoMnemonic | undefined
  readonly message: string
  /** Where the message begins in the text. */
  readonly messageAt: number
  readonly problems: readonly Rfc3164Problem[]
}

export type Rfc3164Problem = 'BAD_PRI' | 'LEADING_ZERO_IN_PRI' | 'NO_TIMESTAMP'
export type Rfc3164Error = 'EMPTY' | PriError

/** What may stand before a time on Cisco's systems: a sequence number, a host and a number, '*' or '.' for a clock that is not set. */
const sequenced = /(?:(?:([A-Za-z0-9_.-]{1,255}) )?(\d{1,10}): )/y
const ciscoHost = /([A-Za-z0-9_.:-]{1,255}): (?=[*.]?(?:[A-Z][a-z]{2} |\d{4}[- ]))/y
const mnemonic = /%([A-Z][A-Z0-9_]*(?:-[A-Za-z][A-Za-z0-9_]*){0,3})-([0-7])-([A-Z0-9_]+)\s?:/y
const tagged = /([^\s:[\]{}()"'<>=,;%]{1,128})(?:\[([^\]\s]{0,128})\])?:(?= |$)/y
/** No space after the colon, or no colon after the process; a scheme or a drive is no tag. */
const taggedLoosely = /([A-Za-z][A-Za-z0-9_./-]{1,47})(?:\[([^\]\s]{1,128})\]:?|:(?![/\\]))/y
const token = /[^\s]{1,255}(?= )/y
/** What looks like a PRI and is out of range. */
const noPri = /<\d{1,10}>/y
/** Payloads with a frame of their own, whose first word is no tag. */
const framed = /(?:CEF|LEEF):\d/y

const match = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at
  return pattern.exec(text)
}

const skipSpace = (text: string, from: number): number => {
  let i = from
  while (text.charCodeAt(i) === 0x20) i++
  return i
}

const timeAt = (text: string, at: number, near: number): Moment | undefined =>
  bsdTime(text, at, near) ?? isoTime(text, at)

interface Stamp {
  readonly sequence: number | undefined
  readonly host: string | undefined
  readonly from: number
  readonly moment: Moment
}

/** A time at `at`, after what Cisco's systems put before it. */
function stampAt(text: string, at: number, near: number): Stamp | undefined {
  const plain = timeAt(text, at, near)
  if (plain) return { sequence: undefined, host: undefined, from: at, moment: plain }
  // ASA with 'logging timestamp' and an empty device id.
  let i = text[at] === ':' ? skipSpace(text, at + 1) : at
  const first = match(sequenced, text, i)
  let host = first?.[1]
  const sequence = first ? Number(first[2]) : undefined
  if (first) i += first[0].length
  const named = match(ciscoHost, text, i)
  if (named) {
    host ??= named[1]
    i += named[0].length
  }
  if (text[i] === '*' || text[i] === '.') i++
  const moment = timeAt(text, i, near)
  return moment && { sequence, host, from: i, moment }
}

/** Whether a word between time and message is a host, not a tag: an address may have colons, a name has none and no brackets. */
function hostAt(text: string, at: number): string | undefined {
  const word = match(token, text, at)?.[0]
  if (word === undefined || match(framed, text, at)) return undefined
  const bare = word.startsWith('[') && word.endsWith(']') ? word.slice(1, -1) : word
  if (isIPv6(bare.split('%')[0]!)) return bare
  return /[:[\]%]/.test(word) ? undefined : word
}

/** What remains after time and host: tag or mnemonic, and the message. */
function rest(text: string, at: number) {
  const none = { host: undefined, tag: undefined, pid: undefined, cisco: undefined }
  let i = text[at] === ':' ? skipSpace(text, at + 1) : at
  const cisco = match(mnemonic, text, i)
  if (cisco) {
    const [whole, facility, severity, name] = cisco
    i = skipSpace(text, i + whole.length)
    return { ...none, cisco: { facility: facility!, severity: Number(severity), mnemonic: name! }, messageAt: i }
  }
  if (match(framed, text, i)) return { ...none, messageAt: i }
  const tag = match(tagged, text, i) ?? match(taggedLoosely, text, i)
  if (!tag) return { ...none, messageAt: i }
  const after = skipSpace(text, i + tag[0].length)
  const found = { host: undefined, tag: tag[1], pid: tag[2] || undefined }
  // A mnemonic behind a name means that the name is the host's: '<189>router: %SYS-5-CONFIG_I: …'.
  const behind = match(mnemonic, text, after)
  if (!behind) return { ...found, cisco: undefined, messageAt: after }
  const [whole, facility, severity, name] = behind
  return {
    ...(found.pid === undefined ? { ...none, host: found.tag } : found),
    cisco: { facility: facility!, severity: Number(severity), mnemonic: name! },
    messageAt: skipSpace(text, after + whole.length),
  }
}

/**
 * Reads a message of RFC 3164, or one without a PRI that begins with a time. Fails only where there is neither. A time without a year gets the
 * one that brings it nearest to `near`, milliseconds since the epoch; one without a zone is UTC.
 * @see https://www.rfc-editor.org/rfc/rfc3164#section-4
 */
export function parseRfc3164(text: string, near: number): Parsed<Rfc3164Message, Rfc3164Error> {
  if (text.trim() === '') return failed('EMPTY', 0)
  const problems: Rfc3164Problem[] = []
  const pri = parsePri(text)
  let at = 0
  if (pri.ok) {
    at = pri.value.end
    if (!pri.value.strict) problems.push('LEADING_ZERO_IN_PRI')
  } else if (pri.code === 'BAD_PRI') {
    problems.push('BAD_PRI')
    at = match(noPri, text, 0)?.[0].length ?? 0
  }
  at = skipSpace(text, at)
  const stamp = stampAt(text, at, near)
  if (!pri.ok && !stamp) return failed(pri.code, 0)
  if (!stamp) problems.push('NO_TIMESTAMP')
  let i = at
  let hostname = stamp?.host
  if (stamp) {
    i = skipSpace(text, stamp.moment.end)
    const host = hostname === undefined ? hostAt(text, i) : undefined
    if (host !== undefined) {
      hostname = host
      i = skipSpace(text, match(token, text, i)![0].length + i)
    }
  }
  const { host, tag, pid, cisco, messageAt } = rest(text, i)
  return {
    ok: true,
    value: {
      facility: pri.ok ? pri.value.facility : undefined,
      severity: pri.ok ? pri.value.severity : undefined,
      timestamp: stamp && text.slice(stamp.from, stamp.moment.end),
      time: stamp?.moment.ms,
      hostname: hostname ?? host,
      tag,
      pid,
      sequence: stamp?.sequence,
      cisco,
      message: text.slice(messageAt),
      messageAt,
      problems,
    },
  }
}
