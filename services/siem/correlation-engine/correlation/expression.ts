import type { Clause } from './rule.ts'

/** More clauses than this make a rule too dear to watch. */
export const mostClauses = 64

export class ExpressionError extends Error {
  readonly code = 'BAD_EXPRESSION'
}

const tokensOf = (text: string): string[] => {
  const tokens = text.match(/[()]|[\w.-]+|\S/g) ?? []
  const odd = tokens.find((token) => !/^(?:[()]|[\w.-]+)$/.test(token))
  if (odd !== undefined)
    throw new ExpressionError(`the condition has '${odd}', which is neither a rule nor and, or, (, )`)
  return tokens
}

const unique = (clauses: readonly (readonly number[])[]): number[][] => {
  const seen = new Map(
    clauses.map((clause) => {
      const sorted = [...new Set(clause)].sort((a, b) => a - b)
      return [sorted.join(), sorted] as const
    }),
  )
  if (seen.size > mostClauses) throw new ExpressionError(`the condition has more than ${mostClauses} alternatives`)
  return [...seen.values()]
}

/**
 * An extended condition ("(a or b) and c") of temporal correlations as alternatives, each a sorted list of slots that must occur.
 * `slotOf` gives a rule's slot, or undefined for one that is not in `rules`. Throws ExpressionError.
 */
export function clausesOf(text: string, slotOf: (rule: string) => number | undefined): Clause[] {
  const tokens = tokensOf(text)
  let at = 0
  const keyword = (): string => (tokens[at] ?? '').toLowerCase()

  const operand = (): number[][] => {
    const token = tokens[at++]
    if (token === undefined) throw new ExpressionError('the condition ends where a rule is expected')
    if (token === '(') {
      const inner = alternatives()
      if (tokens[at++] !== ')') throw new ExpressionError("the condition lacks a ')'")
      return inner
    }
    if (token.toLowerCase() === 'not')
      throw new ExpressionError("the condition uses 'not': that something does not happen is not supported")
    const slot = slotOf(token)
    if (slot === undefined) throw new ExpressionError(`the condition names '${token}', which is not in 'rules'`)
    return [[slot]]
  }
  const conjunction = (): number[][] => {
    let clauses = operand()
    while (keyword() === 'and') {
      at++
      const right = operand()
      clauses = unique(clauses.flatMap((a) => right.map((b) => [...a, ...b])))
    }
    return clauses
  }
  const alternatives = (): number[][] => {
    let clauses = conjunction()
    while (keyword() === 'or') {
      at++
      clauses = unique([...clauses, ...conjunction()])
    }
    return clauses
  }

  const clauses = alternatives()
  if (at < tokens.length)
    throw new ExpressionError(`the condition goes on with '${tokens[at]}' where 'and' or 'or' is expected`)
  return unique(clauses)
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
