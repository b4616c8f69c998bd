import type { Absence, Clause } from './rule.ts'

/** More clauses than this make a rule too dear to watch. */
export const mostClauses = 64

export class ExpressionError extends Error {
  readonly code = 'BAD_EXPRESSION'
}

const tokensOf = (text: string): string[] => {
  const tokens = text.match(/[()]|[\w.-]+|\S/g) ?? []
  const odd = tokens.find((token) => !/^(?:[()]|[\w.-]+)$/.test(token))
  if (odd !== undefined)
    throw new ExpressionError(`the condition has '${odd}', which is neither a rule nor and, or, not, (, )`)
  return tokens
}

type Words =
  | { readonly is: 'rule'; readonly slot: number }
  | { readonly is: 'not'; readonly of: Words }
  | { readonly is: 'and' | 'or'; readonly of: readonly Words[] }

/** An alternative: slots that must occur, and such that must not. */
type Alternative = Readonly<Record<'needs' | 'lacks', readonly number[]>>

const sorted = (slots: readonly number[]): number[] => [...new Set(slots)].sort((a, b) => a - b)

/** Each alternative once, without those that contradict themselves. */
function unique(alternatives: readonly Alternative[]): Alternative[] {
  const seen = new Map<string, Alternative>()
  for (const { needs, lacks } of alternatives) {
    if (needs.some((slot) => lacks.includes(slot))) continue
    const one = { needs: sorted(needs), lacks: sorted(lacks) }
    seen.set(`${one.needs} not ${one.lacks}`, one)
  }
  if (seen.size > mostClauses) throw new ExpressionError(`the condition has more than ${mostClauses} alternatives`)
  return [...seen.values()]
}

/** Disjunctive normal form; `negative`: of the opposite. */
function alternativesOf(words: Words, negative = false): Alternative[] {
  if (words.is === 'rule') return [{ needs: negative ? [] : [words.slot], lacks: negative ? [words.slot] : [] }]
  if (words.is === 'not') return alternativesOf(words.of, !negative)
  const parts = words.of.map((part) => alternativesOf(part, negative))
  if ((words.is === 'or') !== negative) return unique(parts.flat())
  return parts.reduce<Alternative[]>(
    (all, part) =>
      unique(
        all.flatMap((a) => part.map((b) => ({ needs: [...a.needs, ...b.needs], lacks: [...a.lacks, ...b.lacks] }))),
      ),
    [{ needs: [], lacks: [] }],
  )
}

/**
 * An extended condition ("(a or b) and not c") of temporal correlations as alternatives, and the slots that it names. `slotOf` gives a rule's slot, or
 * undefined for one that is not in `rules`. `not` binds closest, then `and`. Throws ExpressionError, also where an alternative needs nothing to occur:
 * nothing would open its window.
 */
export function absencesOf(
  text: string,
  slotOf: (rule: string) => number | undefined,
): { readonly absences: readonly Absence[]; readonly named: ReadonlySet<number> } {
  const tokens = tokensOf(text)
  const named = new Set<number>()
  let at = 0
  const keyword = (): string => (tokens[at] ?? '').toLowerCase()

  const operand = (): Words => {
    let negations = 0
    for (; keyword() === 'not'; at++) negations++
    const token = tokens[at++]
    if (token === undefined) throw new ExpressionError('the condition ends where a rule is expected')
    let found: Words
    if (token === '(') {
      found = list('or')
      if (tokens[at++] !== ')') throw new ExpressionError("the condition lacks a ')'")
    } else {
      const slot = slotOf(token)
      if (slot === undefined) throw new ExpressionError(`the condition names '${token}', which is not in 'rules'`)
      named.add(slot)
      found = { is: 'rule', slot }
    }
    return negations % 2 === 1 ? { is: 'not', of: found } : found
  }
  const list = (is: 'and' | 'or'): Words => {
    const next = (): Words => (is === 'or' ? list('and') : operand())
    const of = [next()]
    for (; keyword() === is; of.push(next())) at++
    return { is, of }
  }

  const words = list('or')
  if (at < tokens.length)
    throw new ExpressionError(`the condition goes on with '${tokens[at]}' where 'and' or 'or' is expected`)
  const absences = unique(alternativesOf(words))
  if (absences.length === 0) throw new ExpressionError('the condition can never hold: it contradicts itself')
  if (absences.some(({ needs }) => needs.length === 0))
    throw new ExpressionError(
      "the condition can hold where no rule occurs: beside 'not', each alternative must name a rule whose event begins the timespan",
    )
  return { absences, named }
}

/** All lists of `size` of the slots 0 to `count` - 1, each ascending. Throws ExpressionError where they are too many. */
export function combinations(count: number, size: number): Clause[] {
  const found: number[][] = []
  const extend = (chosen: readonly number[], from: number): void => {
    if (chosen.length === size) {
      found.push([...chosen])
      if (found.length > mostClauses)
        throw new ExpressionError(`${size} of ${count} rules in order are more than ${mostClauses} alternatives`)
      return
    }
    for (let slot = from; slot <= count - (size - chosen.length); slot++) extend([...chosen, slot], slot + 1)
  }
  extend([], 0)
  return found
}
