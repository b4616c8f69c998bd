import { failed, type Parsed, type Texts, texts } from '../result.ts'
import { anyTime } from '../timestamp.ts'

/** A message of QRadar's Log Event Extended Format, version 1.0 or 2.0. */
export interface LeefMessage {
  readonly version: '1.0' | '2.0'
  readonly vendor: string
  readonly product: string
  readonly deviceVersion: string
  readonly eventId: string
  /** One character between attributes; a tab in 1.0 and where 2.0 names none. */
  readonly delimiter: string
  readonly attributes: Texts
  /** `devTime`, milliseconds since the epoch. */
  readonly time: number | undefined
  readonly problems: readonly LeefProblem[]
}

export type LeefProblem = 'DUPLICATE_KEY' | 'ATTRIBUTE_WITHOUT_KEY' | 'BAD_TIME' | 'EMPTY_FIELD'
export type LeefError = 'NOT_LEEF' | 'BAD_VERSION' | 'UNKNOWN_VERSION' | 'TRUNCATED' | 'BAD_DELIMITER'

/** Whether a LEEF message stands at `at`. */
export const isLeef = (text: string, at = 0): boolean => text.startsWith('LEEF:', at)

/** The place of the n-th '|' from `from`; -1 where there are fewer. */
function bar(text: string, from: number, n: number): number {
  let i = from - 1
  for (let left = n; left > 0; left--) {
    i = text.indexOf('|', i + 1)
    if (i === -1) return -1
  }
  return i
}

/**
 * What a delimiter field says: one character, or its code in hexadecimal ('x09', '0x09', up to four digits); empty means a tab. Undefined for
 * anything else.
 */
export function leefDelimiter(field: string): string | undefined {
  if (field === '') return '\t'
  if ([...field].length === 1) return field
  const hex = /^(?:0?[xX])([0-9A-Fa-f]{1,4})$/.exec(field)?.[1]
  if (hex === undefined) return undefined
  const code = Number.parseInt(hex, 16)
  return code >= 0xd800 && code <= 0xdfff ? undefined : String.fromCharCode(code)
}

interface Body {
  readonly delimiter: string
  readonly from: number
}

/** Where the attributes begin and what parts them. Some senders of 2.0 leave the delimiter's field out altogether. */
function body(text: string, version: string, from: number): Body | undefined {
  if (version === '1.0') return { delimiter: '\t', from }
  const end = text.indexOf('|', from)
  const equals = text.indexOf('=', from)
  if (end === -1) return { delimiter: '\t', from }
  const delimiter = leefDelimiter(text.slice(from, end))
  if (delimiter !== undefined) return { delimiter, from: end + 1 }
  // A '|' inside the first value, then, not the end of a field.
  return equals !== -1 && equals < end ? { delimiter: '\t', from } : undefined
}

/**
 * Reads a LEEF message at `at`. `near` (milliseconds since the epoch) tells the year of times without one. Values are as they stand: the format
 * has no escapes.
 * @see https://www.ibm.com/docs/en/dsm?topic=overview-leef-event-components
 */
export function parseLeef(text: string, near: number, at = 0): Parsed<LeefMessage, LeefError> {
  if (!isLeef(text, at)) return failed('NOT_LEEF', at)
  const first = text.indexOf('|', at)
  const version = text.slice(at + 5, first === -1 ? text.length : first).trim()
  if (!/^\d{1,2}(\.\d{1,2})?$/.test(version))
    return failed(first === -1 && version === '' ? 'TRUNCATED' : 'BAD_VERSION', at + 5)
  const known = { 1: '1.0', 2: '2.0' } as const
  const normal = known[Number(version) as 1 | 2]
  if (normal === undefined) return failed('UNKNOWN_VERSION', at + 5)
  const last = bar(text, first === -1 ? text.length : first + 1, 4)
  if (last === -1) return failed('TRUNCATED', text.length)
  const [vendor, product, deviceVersion, eventId] = text.slice(first + 1, last).split('|') as [
    string,
    string,
    string,
    string,
  ]
  const found = body(text, normal, last + 1)
  if (!found) return failed('BAD_DELIMITER', last + 1)
  const problems = new Set<LeefProblem>()
  if ([vendor, product, eventId].some((field) => field.trim() === '')) problems.add('EMPTY_FIELD')
  const attributes = texts()
  const rest = text.slice(found.from)
  for (const part of rest === '' ? [] : rest.split(found.delimiter)) {
    const equals = part.indexOf('=')
    const key = part.slice(0, equals).trim()
    if (equals === -1 || key === '') {
      if (part.trim() !== '') problems.add('ATTRIBUTE_WITHOUT_KEY')
      continue
    }
    if (key in attributes) problems.add('DUPLICATE_KEY')
    attributes[key] = part.slice(equals + 1)
  }
  const when = attributes.devTime
  const time = when === undefined ? undefined : anyTime(when, near)
  if (when !== undefined && time === undefined) problems.add('BAD_TIME')
  return {
    ok: true,
    value: {
      version: normal,
      vendor,
      product,
      deviceVersion,
      eventId,
      delimiter: found.delimiter,
      attributes,
      time,
      problems: [...problems],
    },
  }
}
