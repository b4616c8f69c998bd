import { inCidr } from './cidr.ts'
import type { Comparison, Expression, Matcher, ReferenceMode, TimePart } from './expression.ts'
import { fold, matchesPattern } from './pattern.ts'

/** How deep the values of an event are searched for keywords. */
export const deepest = 16

/** The text of a scalar as rules compare it; undefined for null, maps and arrays. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** Whether a field's value (undefined when the event has no such field) is what the matcher says. `read` reads another field of the same event. */
export function matches(matcher: Matcher, value: unknown, read: (field: string) => unknown): boolean {
  if (matcher.kind === 'missing') return isMissing(value)
  if (matcher.kind === 'present') return !isMissing(value)
  if (Array.isArray(value)) return value.some((member) => !Array.isArray(member) && matches(matcher, member, read))
  const text = textOf(value)
  return text !== undefined && matchesText(matcher, text, value, read)
}

const isMissing = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.every(isMissing))

/** Whether a scalar is what the matcher says. */
function matchesText(
  matcher: Exclude<Matcher, { kind: 'missing' | 'present' }>,
  text: string,
  value: unknown,
  read: (field: string) => unknown,
): boolean {
  switch (matcher.kind) {
    case 'text':
      return matchesPattern(matcher.pattern, matcher.cased ? text : fold(text))
    case 'regex':
      return matcher.regex.test(text)
    case 'cidr':
      return inCidr(matcher.cidr, text)
    case 'compare': {
      const number = numberOf(text)
      return number !== undefined && compare(matcher.operator, number, matcher.value)
    }
    case 'time': {
      const part = timePart(matcher.part, value)
      return part !== undefined && compare(matcher.operator, part, matcher.value)
    }
    case 'reference':
      return refers(matcher.mode, matcher.cased, text, read(matcher.field))
  }
}

function refers(mode: ReferenceMode, cased: boolean, text: string, other: unknown): boolean {
  if (Array.isArray(other)) return other.some((member) => !Array.isArray(member) && refers(mode, cased, text, member))
  const raw = textOf(other)
  if (raw === undefined) return false
  const left = cased ? text : fold(text)
  const right = cased ? raw : fold(raw)
  if (mode === 'equals') return left === right
  if (mode === 'contains') return left.includes(right)
  return mode === 'startswith' ? left.startsWith(right) : left.endsWith(right)
}

/** The number that a text is, decimal or hexadecimal. */
function numberOf(text: string): number | undefined {
  if (text.length > 64 || !/^\s*[-+]?[\d.]/.test(text)) return undefined
  const number = Number(text)
  return Number.isFinite(number) ? number : undefined
}

function compare(operator: Comparison | 'eq', left: number, right: number): boolean {
  switch (operator) {
    case 'eq':
      return left === right
    case 'lt':
      return left < right
    case 'lte':
      return left <= right
    case 'gt':
      return left > right
    case 'gte':
      return left >= right
  }
}

/** Texts are ISO 8601 (or `YYYY-MM-DD hh:mm:ss`), in UTC where they name no zone; numbers are seconds since 1970, or milliseconds from 10^11 on. */
function timePart(part: TimePart, value: unknown): number | undefined {
  const date = new Date(milliseconds(value))
  if (Number.isNaN(date.getTime())) return undefined
  switch (part) {
    case 'minute':
      return date.getUTCMinutes()
    case 'hour':
      return date.getUTCHours()
    case 'day':
      return date.getUTCDate()
    case 'week':
      return isoWeek(date)
    case 'month':
      return date.getUTCMonth() + 1
    case 'year':
      return date.getUTCFullYear()
  }
}

function milliseconds(value: unknown): number {
  if (typeof value === 'number') return Math.abs(value) < 1e11 ? value * 1000 : value
  if (typeof value !== 'string' || value.length > 64) return Number.NaN
  const [, day, time, zone] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/i.exec(value.trim()) ?? []
  return day === undefined ? Number.NaN : Date.parse(`${day}T${time ?? '00:00'}${zone?.toUpperCase() ?? 'Z'}`)
}

/** ISO 8601's number of the week: weeks begin on Monday, the first has the year's first Thursday. */
function isoWeek(date: Date): number {
  const day = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()))
  day.setUTCDate(day.getUTCDate() + 4 - (day.getUTCDay() || 7))
  return Math.ceil(((day.getTime() - Date.UTC(day.getUTCFullYear(), 0, 1)) / 86_400_000 + 1) / 7)
}

/** Whether some scalar in the value, at any depth down to 16, is what the matcher says. */
export function matchesAnywhere(matcher: Matcher, value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return matches(matcher, value, () => undefined)
  return depth < deepest && Object.values(value).some((member) => matchesAnywhere(matcher, member, depth + 1))
}

/**
 * Whether an event is what the expression says: the meaning of rules, one step after the other. The index is tested against it.
 * @param read reads a field of the event by the rule's name for it
 */
export function evaluate(expression: Expression, event: unknown, read: (field: string) => unknown): boolean {
  switch (expression.kind) {
    case 'constant':
      return expression.value
    case 'and':
      return expression.of.every((part) => evaluate(part, event, read))
    case 'or':
      return expression.of.some((part) => evaluate(part, event, read))
    case 'not':
      return !evaluate(expression.of, event, read)
    case 'field':
      return matches(expression.matcher, read(expression.field), read)
    case 'keyword':
      return matchesAnywhere(expression.matcher, event)
  }
}
