import { failed, type Parsed } from '../result.ts'

/** Names of facilities, by number (RFC 5424, table 1; rsyslog's names). */
export const facilities = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'audit',
  'alert',
  'clock',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const

/** Names of severities, by number: 0 is the worst. */
export const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const

export interface Pri {
  /** 0 to 23. */
  readonly facility: number
  /** 0 to 7. */
  readonly severity: number
  /** The place after '>'. */
  readonly end: number
  /** False where it has a leading zero, which RFC 5424 forbids. */
  readonly strict: boolean
}

export type PriError = 'NO_PRI' | 'BAD_PRI'

/** '<' facility * 8 + severity '>' at the beginning of a text: one to three digits, 191 at most. */
export function parsePri(text: string): Parsed<Pri, PriError> {
  if (text.charCodeAt(0) !== 0x3c) return failed('NO_PRI', 0)
  let value = 0
  let i = 1
  for (; i < 5; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (!(digit >= 0 && digit <= 9)) break
    value = value * 10 + digit
  }
  const digits = i - 1
  if (digits === 0 || digits > 3 || text.charCodeAt(i) !== 0x3e || value > 191) return failed('BAD_PRI', i)
  const strict = digits === 1 || text.charCodeAt(1) !== 0x30
  return { ok: true, value: { facility: value >> 3, severity: value & 7, end: i + 1, strict } }
}
