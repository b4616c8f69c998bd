import { failed, type Parsed, type Texts } from '../result.ts'
import { anyTime } from '../timestamp.ts'
import { type ExtensionProblem, labels, parseExtension } from './extension.ts'

/** A message of ArcSight's Common Event Format, version 0 or 1. */
export interface CefMessage {
  readonly version: number
  readonly vendor: string
  readonly product: string
  readonly deviceVersion: string
  /** Device Event Class ID, or Signature ID. */
  readonly classId: string
  readonly name: string
  /** As it was written. */
  readonly severity: string
  /** 0 to 10, where `severity` says one; 'Low' is 2, 'Medium' 5, 'High' 8, 'Very-High' 10. */
  readonly level: number | undefined
  readonly extension: Texts
  /** Custom fields by their labels. */
  readonly labels: Texts | undefined
  /** When it happened, milliseconds since the epoch: 'rt', else 'end', else 'start'. */
  readonly time: number | undefined
  readonly problems: readonly CefProblem[]
}

export type CefProblem = 'BAD_SEVERITY' | 'BAD_TIME' | 'EMPTY_FIELD' | 'BAD_HEADER_ESCAPE' | ExtensionProblem
export type CefError = 'NOT_CEF' | 'BAD_VERSION' | 'UNKNOWN_VERSION' | 'TRUNCATED'

const levels: ReadonlyMap<string, number> = new Map([
  ['low', 2],
  ['medium', 5],
  ['high', 8],
  ['very-high', 10],
])

const times = ['rt', 'end', 'start'] as const

/** Whether a CEF message stands at `at`. */
export const isCef = (text: string, at = 0): boolean => text.startsWith('CEF:', at)

interface Header {
  readonly fields: readonly string[]
  readonly end: number
  readonly badEscape: boolean
}

/** Seven fields, each ended by a '|' that no backslash escapes; the last may end with the text. Undefined where there are fewer. */
function header(text: string, from: number): Header | undefined {
  const fields: string[] = []
  let start = from
  let escaped = false
  let badEscape = false
  for (let i = from; i <= text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x5c) {
      const next = text[++i]
      if (next === '|' || next === '\\') escaped = true
      else badEscape = true
      // An escape at the very end escapes nothing.
      if (i >= text.length) i = text.length - 1
    } else if (c === 0x7c || (i === text.length && fields.length === 6)) {
      const raw = text.slice(start, i)
      fields.push(escaped ? raw.replace(/\\([|\\])/g, '$1') : raw)
      escaped = false
      start = i + 1
      if (fields.length === 7) return { fields, end: Math.min(start, text.length), badEscape }
    }
  }
  return undefined
}

function levelOf(severity: string): number | undefined {
  if (/^\d{1,2}$/.test(severity) && Number(severity) <= 10) return Number(severity)
  return levels.get(severity.toLowerCase())
}

/**
 * Reads a CEF message at `at`. `near` (milliseconds since the epoch) tells the year of times without one.
 * @see https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors-8.4/cef-implementation-standard/
 */
export function parseCef(text: string, near: number, at = 0): Parsed<CefMessage, CefError> {
  if (!isCef(text, at)) return failed('NOT_CEF', at)
  const found = header(text, at + 4)
  const bar = text.indexOf('|', at)
  const version = text.slice(at + 4, bar === -1 ? text.length : bar).trim()
  if (!/^\d{1,3}(\.\d{1,3})?$/.test(version))
    return failed(bar === -1 && version === '' ? 'TRUNCATED' : 'BAD_VERSION', at + 4)
  if (Number(version) >= 2) return failed('UNKNOWN_VERSION', at + 4)
  if (!found) return failed('TRUNCATED', text.length)
  const [, vendor, product, deviceVersion, classId, name, severity] = found.fields as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  const problems: CefProblem[] = []
  if (found.badEscape) problems.push('BAD_HEADER_ESCAPE')
  if ([vendor, product, classId, name].some((field) => field.trim() === '')) problems.push('EMPTY_FIELD')
  const level = levelOf(severity.trim())
  if (level === undefined && !/^(unknown)?$/i.test(severity.trim())) problems.push('BAD_SEVERITY')
  const extension = parseExtension(text, found.end)
  problems.push(...extension.problems)
  const key = times.find((name) => extension.fields[name] !== undefined)
  const time = key && anyTime(extension.fields[key]!, near)
  if (key && time === undefined) problems.push('BAD_TIME')
  return {
    ok: true,
    value: {
      version: Math.trunc(Number(version)),
      vendor,
      product,
      deviceVersion,
      classId,
      name,
      severity,
      level,
      extension: extension.fields,
      labels: labels(extension.fields),
      time,
      problems,
    },
  }
}
