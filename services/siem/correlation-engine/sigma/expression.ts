import type { Cidr } from './cidr.ts'
import type { Pattern } from './pattern.ts'
import type { Regex } from './regex.ts'

export type Comparison = 'lt' | 'lte' | 'gt' | 'gte'
export type TimePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'
export type ReferenceMode = 'equals' | 'contains' | 'startswith' | 'endswith'

/** What one value of a field must be. A field with several values (an array) satisfies it when one of them does. */
export type Matcher =
  /** The text of a string, number or boolean. Folded patterns (not `cased`) are compared with folded texts. */
  | { readonly kind: 'text'; readonly pattern: Pattern; readonly cased: boolean }
  | { readonly kind: 'regex'; readonly regex: Regex }
  | { readonly kind: 'cidr'; readonly cidr: Cidr }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly value: number }
  /** A part of a point in time (UTC), compared as a number. */
  | { readonly kind: 'time'; readonly part: TimePart; readonly operator: Comparison | 'eq'; readonly value: number }
  /** The text of another field of the same event. */
  | { readonly kind: 'reference'; readonly field: string; readonly mode: ReferenceMode; readonly cased: boolean }
  /** The field is missing, null, or an array of nothing else. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'present' }

/** What an event must be: the condition of a rule with its identifiers put in. */
export type Expression =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'field'; readonly field: string; readonly matcher: Matcher }
  /** Some value of the event, at any depth, whatever its name. */
  | { readonly kind: 'keyword'; readonly matcher: Matcher }

export const not = (of: Expression): Expression => (of.kind === 'not' ? of.of : { kind: 'not', of })

/** All of the expressions; true of none. */
export const and = (of: readonly Expression[]): Expression => join('and', of)

/** At least one of the expressions; false of none. */
export const or = (of: readonly Expression[]): Expression => join('or', of)

function join(kind: 'and' | 'or', of: readonly Expression[]): Expression {
  const flat = of.flatMap((part) => (part.kind === kind ? part.of : [part]))
  if (flat.length === 1) return flat[0]!
  return flat.length === 0 ? { kind: 'constant', value: kind === 'and' } : { kind, of: flat }
}
