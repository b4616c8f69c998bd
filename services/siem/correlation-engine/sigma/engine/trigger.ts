import type { Matcher } from '../expression.ts'
import { fold, many, type Pattern } from '../pattern.ts'
import { requiredLiteral } from './regex-literal.ts'

/** Where in a folded text a literal must stand. */
export type Place = 'whole' | 'start' | 'end' | 'inside'

/** A literal in a folded text without which a matcher cannot hold. */
export interface Trigger {
  readonly place: Place
  readonly literal: string
  /** Whether the matcher holds wherever the literal stands so. */
  readonly exact: boolean
}

/** What a text must contain for the matcher to hold; undefined where no literal says it. */
export function triggerOf(matcher: Matcher): Trigger | undefined {
  if (matcher.kind === 'text') {
    const trigger = ofPattern(matcher.pattern)
    if (trigger === undefined) return undefined
    return matcher.cased ? { ...trigger, literal: fold(trigger.literal), exact: false } : trigger
  }
  if (matcher.kind === 'regex') {
    const { source, flags } = matcher.regex
    const required = fold(requiredLiteral(source))
    const literal = flags.ignoreCase || /\(\?[a-zA-Z]*i/.test(source) ? withoutOddCase(required) : required
    return literal === '' ? undefined : { place: 'inside', literal, exact: false }
  }
  return undefined
}

/**
 * The longest part of a literal for which a regular expression that ignores case finds nothing but what folds to it: such expressions also take
 * the long s (U+017F) for an s, which folding does not, and beyond ASCII there are more.
 */
const withoutOddCase = (literal: string): string =>
  literal.split(/[s\u0080-\uffff]/).reduce((best, part) => (part.length > best.length ? part : best))

function ofPattern(pattern: Pattern): Trigger | undefined {
  if (pattern.length === 0) return { place: 'whole', literal: '', exact: true }
  const texts = pattern.filter((piece) => typeof piece === 'string')
  if (texts.length === 0) return undefined
  const literal = texts.reduce((best, text) => (text.length > best.length ? text : best))
  const at = pattern.indexOf(literal)
  const exact = texts.length === 1 && pattern.every((piece) => piece === many || piece === literal)
  const first = at === 0
  const last = at === pattern.length - 1
  return { place: first ? (last ? 'whole' : 'start') : last ? 'end' : 'inside', literal, exact }
}

/** How rarely a trigger is expected, as a weight: the lower, the fewer events it lets through. Guesses; only their order matters, for speed alone. */
export function weightOf({ place, literal }: Trigger): number {
  const length = literal.length
  if (place === 'whole') return /^-?\d*$/.test(literal) ? 40 : length < 3 ? 60 : 4
  if (place !== 'inside') return length < 4 ? 100 : length < 7 ? 30 : 8
  return [4000, 2000, 800, 300, 120, 60, 30, 30][length] ?? 10
}
