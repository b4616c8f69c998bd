import { parseCidr } from './cidr.ts'
import { base64Offsets, type Encoding, encodings, windashVariants } from './encodings.ts'
import type { Comparison, Matcher, ReferenceMode, TimePart } from './expression.ts'
import { limits } from './limits.ts'
import { foldPattern, literal, many, normal, type Pattern, parsePattern, plainText } from './pattern.ts'
import { compileRegex } from './regex.ts'

/** A scalar in a rule. */
export type RuleValue = string | number | boolean | null

/** What the modifiers of one field say about its values: the matchers of each value, how they are joined, and whether the whole is negated. */
export interface FieldTest {
  /** For each value of the rule the matchers of which one must hold. */
  readonly values: readonly (readonly Matcher[])[]
  readonly all: boolean
  readonly negated: boolean
}

/** Values for `%name%` in values with the modifier `expand`, by name. */
export type Placeholders = ReadonlyMap<string, readonly string[]>

const comparisons: readonly string[] = ['lt', 'lte', 'gt', 'gte'] satisfies Comparison[]
const timeParts: readonly string[] = ['minute', 'hour', 'day', 'week', 'month', 'year'] satisfies TimePart[]
const affixes: readonly string[] = ['contains', 'startswith', 'endswith'] satisfies ReferenceMode[]
const known = new Set([
  ...comparisons,
  ...timeParts,
  ...affixes,
  ...Object.keys(encodings),
  ...['all', 'neq', 'cased', 'exists', 're', 'i', 'ignorecase', 'm', 'multiline', 's', 'dotall', 'cidr', 'fieldref'],
  ...['windash', 'base64', 'base64offset', 'expand'],
])

/** @throws Error with a reason when a modifier is unknown, or does not fit the others or a value. */
export function applyModifiers(
  modifiers: readonly string[],
  values: readonly RuleValue[],
  placeholders: Placeholders,
): FieldTest {
  const set = new Set(modifiers)
  for (const modifier of set) if (!known.has(modifier)) throw new Error(`The modifier '${modifier}' is not known.`)
  const kinds = ['re', 'cidr', 'exists', 'fieldref'].filter((kind) => set.has(kind))
  const part = modifiers.find((modifier) => timeParts.includes(modifier)) as TimePart | undefined
  const operator = modifiers.find((modifier) => comparisons.includes(modifier)) as Comparison | undefined
  if (kinds.length > 1) throw new Error(`The modifiers '${kinds[0]}' and '${kinds[1]}' exclude each other.`)
  const rest = modifiers.filter((modifier) => modifier !== 'all' && modifier !== 'neq')
  const of = (value: RuleValue): readonly Matcher[] => {
    if (set.has('exists')) return [exists(rest, value)]
    if (set.has('re')) return regexes(rest, value, placeholders)
    if (set.has('cidr'))
      return expanded(rest, 'cidr', value, placeholders).map((text) => ({ kind: 'cidr', cidr: parseCidr(text) }))
    if (set.has('fieldref')) return [reference(rest, value)]
    if (part !== undefined) return [{ kind: 'time', part, operator: operator ?? 'eq', value: numeric(part, value) }]
    if (operator !== undefined) {
      onlyWith(rest, operator, [])
      return [{ kind: 'compare', operator, value: numeric(operator, value) }]
    }
    return texts(rest, value, placeholders)
  }
  return { values: values.map(of), all: set.has('all'), negated: set.has('neq') }
}

function onlyWith(modifiers: readonly string[], main: string, others: readonly string[]): void {
  const odd = modifiers.find((modifier) => modifier !== main && !others.includes(modifier))
  if (odd !== undefined) throw new Error(`The modifier '${odd}' does not fit '${main}'.`)
}

function exists(modifiers: readonly string[], value: RuleValue): Matcher {
  onlyWith(modifiers, 'exists', [])
  if (typeof value !== 'boolean') throw new Error(`'exists' is true or false, not '${value}'.`)
  return { kind: value ? 'present' : 'missing' }
}

function regexes(modifiers: readonly string[], value: RuleValue, placeholders: Placeholders): Matcher[] {
  const flags = ['i', 'ignorecase', 'm', 'multiline', 's', 'dotall']
  onlyWith(
    modifiers.filter((modifier) => !flags.includes(modifier)),
    're',
    ['expand', 'cased'],
  )
  const has = (...names: string[]): boolean => names.some((name) => modifiers.includes(name))
  return expanded(modifiers, 're', value, placeholders, escapeRegex).map((source) => ({
    kind: 'regex',
    regex: compileRegex(source, {
      ignoreCase: has('i', 'ignorecase'),
      multiline: has('m', 'multiline'),
      dotAll: has('s', 'dotall'),
    }),
  }))
}

const escapeRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

function reference(modifiers: readonly string[], value: RuleValue): Matcher {
  onlyWith(modifiers, 'fieldref', [...affixes, 'cased'])
  if (typeof value !== 'string' || value === '') throw new Error(`'fieldref' names a field, not '${value}'.`)
  const mode = (modifiers.find((modifier) => affixes.includes(modifier)) ?? 'equals') as ReferenceMode
  return { kind: 'reference', field: value, mode, cased: modifiers.includes('cased') }
}

function numeric(modifier: string, value: RuleValue): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number))
    throw new Error(`'${modifier}' compares numbers, and '${value}' is none.`)
  return number
}

function texts(modifiers: readonly string[], value: RuleValue, placeholders: Placeholders): Matcher[] {
  const odd = modifiers.find((modifier) => ['i', 'ignorecase', 'm', 'multiline', 's', 'dotall'].includes(modifier))
  if (odd !== undefined) throw new Error(`The modifier '${odd}' needs 're' before it.`)
  if (value === null) {
    if (modifiers.length > 0) throw new Error(`The modifier '${modifiers[0]}' needs a value, not null.`)
    return [{ kind: 'missing' }]
  }
  const cased = modifiers.includes('cased')
  let patterns: Pattern[] = expanded(modifiers, 'expand', value, placeholders, (text) => text).map(parsePattern)
  let bytes: Encoding | undefined
  for (const modifier of modifiers) {
    if (modifier === 'contains') patterns = patterns.map((pattern) => normal([many, ...pattern, many]))
    else if (modifier === 'startswith') patterns = patterns.map((pattern) => normal([...pattern, many]))
    else if (modifier === 'endswith') patterns = patterns.map((pattern) => normal([many, ...pattern]))
    else if (modifier === 'windash') patterns = patterns.flatMap(windashPatterns)
    else if (modifier in encodings) bytes = modifier as Encoding
    else if (modifier === 'base64' || modifier === 'base64offset') {
      const encode = (pattern: Pattern): Buffer =>
        bytes === undefined ? Buffer.from(plain(pattern, modifier)) : encodings[bytes](plain(pattern, modifier))
      patterns = patterns.flatMap((pattern) =>
        modifier === 'base64'
          ? [literal(encode(pattern).toString('base64'))]
          : base64Offsets(encode(pattern)).map(literal),
      )
      bytes = undefined
    }
  }
  if (bytes !== undefined) {
    const encoding = bytes
    patterns = patterns.map((pattern) =>
      pattern.map((piece) => (typeof piece === 'string' ? encodings[encoding](piece).toString('latin1') : piece)),
    )
  }
  if (patterns.length > limits.variants) throw new Error(`A value has more than ${limits.variants} variants.`)
  return patterns.map((pattern) => ({ kind: 'text', pattern: cased ? pattern : foldPattern(pattern), cased }))
}

function plain(pattern: Pattern, modifier: string): string {
  const text = plainText(pattern)
  if (text === undefined) throw new Error(`'${modifier}' encodes a text, and a text has no wildcards.`)
  return text
}

function windashPatterns(pattern: Pattern): Pattern[] {
  let variants: (string | 1 | 2)[][] = [[]]
  for (const piece of pattern) {
    const choices = typeof piece === 'string' ? windashVariants(piece) : [piece]
    variants = variants.flatMap((variant) => choices.map((choice) => [...variant, choice]))
    if (variants.length > limits.variants)
      throw new Error(`A value with windash has more than ${limits.variants} variants.`)
  }
  return variants
}

/** The text of a value with its placeholders put in when `expand` is among the modifiers. */
function expanded(
  modifiers: readonly string[],
  main: string,
  value: RuleValue,
  placeholders: Placeholders,
  quote: (text: string) => string = (text) => text,
): string[] {
  if (main === 'cidr') onlyWith(modifiers, main, ['expand'])
  if (value === null) throw new Error(`The modifier '${main}' needs a value, not null.`)
  let out = ['']
  const source = String(value)
  if (!modifiers.includes('expand')) return [source]
  let from = 0
  for (const match of source.matchAll(/%([\w.-]+)%/g)) {
    const names = placeholders.get(match[1]!)
    if (names === undefined || names.length === 0) throw new Error(`The placeholder '%${match[1]}%' has no values.`)
    const before = source.slice(from, match.index)
    out = out.flatMap((text) => names.map((name) => text + before + quote(name)))
    if (out.length > limits.variants)
      throw new Error(`A value with placeholders has more than ${limits.variants} variants.`)
    from = match.index + match[0].length
  }
  return out.map((text) => text + source.slice(from))
}
