import { createHash } from 'node:crypto'
import { CorrelationError, conditionOf, type ParsedCondition } from './conditions.ts'
import { ExpressionError } from './expression.ts'
import {
  type CorrelationInput,
  type CorrelationProblem,
  type CorrelationRule,
  type CorrelationType,
  correlationTypes,
} from './rule.ts'
import { timespanOf } from './timespan.ts'

/** A YAML document with a `correlation` section, the file it stands in, and its number there, from 1. */
export interface CorrelationDocument {
  readonly file: string
  readonly document: number
  readonly content: unknown
}

/** What is needed of a detection rule: its position in the list is the index that matches carry. */
export interface ReferableRule {
  readonly id?: string | undefined
  readonly name?: string | undefined
}

export interface ParsedCorrelations {
  /** Children before their parents: an input of kind 'correlation' has a smaller index than the rule it is of. */
  readonly correlations: readonly CorrelationRule[]
  readonly problems: readonly CorrelationProblem[]
  /** Indexes of detection rules that are told to report only through correlations: referenced, and nobody says `generate: true`. */
  readonly silenced: ReadonlySet<number>
}

/** Rules that one correlation may reference: a mask of slots is a 32-bit number. */
export const mostReferences = 31

/** Correlations of correlations of correlations: so many levels. */
export const deepestChain = 8

type Target = { readonly kind: 'rule'; readonly index: number } | { readonly kind: 'draft'; readonly draft: Draft }

/** A correlation before its references are known to be whole. */
interface Draft {
  readonly source: CorrelationDocument
  readonly id: string
  readonly title: string
  readonly content: Readonly<Record<string, unknown>>
  readonly type: CorrelationType
  readonly references: readonly string[]
  readonly groupBy: readonly string[]
  readonly timespan: number
  readonly generate: boolean
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly condition: unknown
  targets: Target[]
  parsed: ParsedCondition | undefined
  /** Fields that parents want, filled from the parents downwards. */
  readonly wanted: Set<string>
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]).filter(
    (item): item is string => typeof item === 'string',
  )

function names(value: unknown, what: string): string[] {
  const list = value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]
  const odd = list.find((item) => typeof item !== 'string' || item === '')
  if (odd !== undefined) throw new CorrelationError(`${what} is neither a name nor a list of names`)
  return [...list] as string[]
}

function aliasesOf(value: unknown): Draft['aliases'] {
  if (value === undefined || value === null) return {}
  const good =
    isRecord(value) &&
    Object.values(value).every((map) => isRecord(map) && Object.values(map).every((field) => text(field) !== undefined))
  if (!good) throw new CorrelationError('aliases is no map of alias → rule → field')
  return value as Draft['aliases']
}

/** A sentence of what an error says; a name of Sigma at its beginning stays as it is. */
const sentence = (message: string): string =>
  `${message.replace(/^[a-z](?=[a-z]* )/, (letter) => letter.toUpperCase())}.`

function problemOf({ file, document, content }: CorrelationDocument, reason: string): CorrelationProblem {
  const known = isRecord(content) ? content : {}
  const [id, title] = [text(known.id), text(known.title)]
  return {
    file,
    document,
    ...(id === undefined ? {} : { id }),
    ...(title === undefined ? {} : { title }),
    reason: sentence(reason),
  }
}

function draftOf(source: CorrelationDocument): Draft {
  const { content } = source
  if (!isRecord(content)) throw new CorrelationError('the document is no map')
  const section = content.correlation
  if (!isRecord(section)) throw new CorrelationError("'correlation' is no map")
  const title = text(content.title)
  if (title === undefined) throw new CorrelationError('the rule has no title')
  const type = section.type
  if (!correlationTypes.includes(type as CorrelationType))
    throw new CorrelationError(`'${String(type)}' is no type of correlation: ${correlationTypes.join(', ')}`)
  const timespan = timespanOf(section.timespan)
  if (timespan === undefined)
    throw new CorrelationError(`timespan '${String(section.timespan)}' is not a number with s, m, h, d, w, M or y`)
  const generate = section.generate ?? content.generate ?? false
  if (typeof generate !== 'boolean') throw new CorrelationError('generate is neither true nor false')
  const references = names(section.rules, 'rules')
  if (references.length === 0 && typeof section.condition === 'string') references.push(...wordsOf(section.condition))
  if (references.length === 0) throw new CorrelationError('the rule references no rules')
  if (references.length > mostReferences)
    throw new CorrelationError(`${references.length} rules are referenced; at most ${mostReferences} are supported`)
  return {
    source,
    id: text(content.id) ?? text(content.name) ?? title,
    title,
    content,
    type: type as CorrelationType,
    references,
    groupBy: [...new Set(names(section['group-by'], 'group-by'))],
    timespan,
    generate,
    aliases: aliasesOf(section.aliases),
    condition: section.condition,
    targets: [],
    parsed: undefined,
    wanted: new Set(),
  }
}

/** Rules that a condition in words names, for temporal rules without `rules`. */
const wordsOf = (condition: string): string[] => [
  ...new Set((condition.match(/[\w.-]+/g) ?? []).filter((word) => !/^(?:and|or|not)$/i.test(word))),
]

const namesOf = (draft: Draft): string[] => [draft.id, text(draft.content.name)].filter((name) => name !== undefined)

/**
 * Correlations of documents, ready for a Correlator. `rules` are the detection rules they may reference, by id or name. `mostEvents` is how
 * many events a window keeps. A rule that is bad, or that references what is missing, bad or itself, is left out and listed.
 */
export function parseCorrelations(
  documents: Iterable<CorrelationDocument>,
  rules: readonly ReferableRule[],
  mostEvents: number,
): ParsedCorrelations {
  const problems: CorrelationProblem[] = []
  const left = (source: CorrelationDocument, error: unknown): void => {
    if (!(error instanceof CorrelationError || error instanceof ExpressionError)) throw error
    problems.push(problemOf(source, error.message))
  }
  const drafts: Draft[] = []
  const ids = new Set<string>()
  for (const document of documents) {
    try {
      const draft = draftOf(document)
      if (ids.has(draft.id)) throw new CorrelationError('another correlation has the same id')
      ids.add(draft.id)
      drafts.push(draft)
    } catch (error) {
      left(document, error)
    }
  }
  const ordered = resolve(drafts, rules, (draft, error) => left(draft.source, error), mostEvents)
  wantFields(ordered)
  const parents = new Map<Draft, Draft[]>()
  for (const draft of ordered)
    for (const target of draft.targets)
      if (target.kind === 'draft') parents.set(target.draft, [...(parents.get(target.draft) ?? []), draft])
  const position = new Map(ordered.map((draft, index) => [draft, index]))
  const correlations = ordered.map((draft) => {
    const reported = (parents.get(draft) ?? [draft]).some((parent) => parent === draft || parent.generate)
    return ruleOf(draft, rules, position, reported)
  })
  return { correlations, problems, silenced: silencedBy(correlations) }
}

function silencedBy(correlations: readonly CorrelationRule[]): Set<number> {
  const loud = new Set<number>()
  const referenced = new Set<number>()
  for (const { inputs, generate } of correlations)
    for (const { from } of inputs) if (from.kind === 'rule') (generate ? loud : referenced).add(from.index)
  return new Set([...referenced].filter((index) => !loud.has(index)))
}

/** Sets the targets; gives the drafts that are whole, children first. */
function resolve(
  drafts: readonly Draft[],
  rules: readonly ReferableRule[],
  left: (draft: Draft, error: unknown) => void,
  mostEvents: number,
): Draft[] {
  const targets = new Map<string, Target>()
  // Ids before names, so that no rule's name can take the place of another's id.
  for (const [index, { name }] of rules.entries()) if (name) targets.set(name, { kind: 'rule', index })
  for (const draft of drafts) for (const name of namesOf(draft)) targets.set(name, { kind: 'draft', draft })
  for (const [index, { id }] of rules.entries()) if (id) targets.set(id, { kind: 'rule', index })
  const states = new Map<Draft, 'open' | 'good' | 'bad'>()
  const ordered: Draft[] = []
  const visit = (draft: Draft, depth = 1): void => {
    states.set(draft, 'open')
    try {
      if (depth > deepestChain) throw new CorrelationError(`correlations are chained more than ${deepestChain} deep`)
      for (const reference of draft.references) {
        const target = targets.get(reference)
        if (!target)
          throw new CorrelationError(`'${reference}' is neither the id nor the name of a rule that is loaded`)
        if (target.kind === 'draft') {
          if (!states.has(target.draft)) visit(target.draft, depth + 1)
          const state = states.get(target.draft)
          if (state === 'open') throw new CorrelationError(`'${reference}' references this rule in turn`)
          if (state === 'bad') throw new CorrelationError(`'${reference}' is left out itself`)
        }
        draft.targets.push(target)
      }
      const slotNames = draft.targets.map((target, slot) => [
        draft.references[slot] as string,
        ...aliasNames(target, rules),
      ])
      draft.parsed = conditionOf(draft.type, draft.condition, slotNames, mostEvents)
      states.set(draft, 'good')
      ordered.push(draft)
    } catch (error) {
      states.set(draft, 'bad')
      left(draft, error)
    }
  }
  for (const draft of drafts) if (!states.has(draft)) visit(draft)
  return ordered
}

/** The names that a reference may go by in aliases and conditions. */
function aliasNames(target: Target, rules: readonly ReferableRule[]): string[] {
  if (target.kind === 'draft') return namesOf(target.draft)
  const { id, name } = rules[target.index] as ReferableRule
  return [id, name].filter((known): known is string => typeof known === 'string')
}

/** What an input's events call `field`. */
function aliased(draft: Draft, slot: number, names: readonly string[], field: string): string {
  const map = Object.hasOwn(draft.aliases, field) ? draft.aliases[field] : undefined
  if (!map) return field
  const known = [draft.references[slot] as string, ...names].find((name) => Object.hasOwn(map, name))
  return known === undefined ? field : (map[known] as string)
}

/** Tells each child which fields its parents will ask for: parents come later in `ordered`, so from the end. */
function wantFields(ordered: readonly Draft[]): void {
  for (const draft of [...ordered].reverse())
    for (const [slot, target] of draft.targets.entries()) {
      if (target.kind !== 'draft') continue
      for (const field of [...draft.groupBy, ...(draft.parsed?.fields ?? []), ...draft.wanted]) {
        const name = aliased(draft, slot, namesOf(target.draft), field)
        if (!target.draft.groupBy.includes(name)) target.draft.wanted.add(name)
      }
    }
}

function ruleOf(
  draft: Draft,
  rules: readonly ReferableRule[],
  position: ReadonlyMap<Draft, number>,
  reported: boolean,
): CorrelationRule {
  const { content, type, groupBy, timespan } = draft
  const { condition, fields, percentile, monotone } = draft.parsed as ParsedCondition
  const carry = [...draft.wanted].sort()
  const inputs = draft.targets.map((target, slot): CorrelationInput => {
    const names = aliasNames(target, rules)
    const read = (field: string): string => aliased(draft, slot, names, field)
    const from =
      target.kind === 'rule'
        ? ({ kind: 'rule', index: target.index } as const)
        : ({ kind: 'correlation', index: position.get(target.draft) as number } as const)
    return {
      from,
      id: names[0] ?? (draft.references[slot] as string),
      group: groupBy.map(read),
      value: fields.map(read),
      carry: carry.map(read),
    }
  })
  const known = inputs.map(({ id, group, value, carry: fieldsOfParents }) => [id, group, value, fieldsOfParents])
  const identity = JSON.stringify([type, known, groupBy, timespan, condition, percentile ?? null, carry])
  const optional = (key: string): Record<string, string> => {
    const value = text(content[key])
    return value === undefined ? {} : { [key]: value }
  }
  return {
    id: draft.id,
    title: draft.title,
    ...optional('name'),
    ...optional('description'),
    ...optional('level'),
    ...optional('status'),
    ...optional('author'),
    tags: texts(content.tags),
    references: texts(content.references),
    falsepositives: texts(content.falsepositives),
    type,
    inputs,
    groupBy,
    timespan,
    condition,
    ...(percentile === undefined ? {} : { percentile }),
    monotone,
    carry,
    generate: draft.generate,
    reported,
    fingerprint: createHash('sha256').update(identity).digest('hex').slice(0, 16),
  }
}
