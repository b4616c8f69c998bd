import { and, type Expression, not, or } from './expression.ts'
import { limits } from './limits.ts'
import { many, matchesPattern, normal } from './pattern.ts'

/**
 * A condition with its identifiers put in: `and`, `or`, `not` (binding in the usual order), parentheses, and `1 of`, `any of`, `all of` or a number
 * `of` with a pattern of identifiers or `them`. A pattern or `them` leaves out identifiers that begin with `_` unless it begins so itself.
 * @throws Error with a reason.
 */
export function parseCondition(source: string, detections: ReadonlyMap<string, Expression>): Expression {
  if (source.length > limits.valueCharacters)
    throw new Error(`The condition has ${source.length} characters; at most ${limits.valueCharacters} are read.`)
  const parser = new ConditionParser(source, detections)
  const expression = parser.or(0)
  parser.end()
  return expression
}

class ConditionParser {
  readonly #tokens: readonly string[]
  readonly #detections: ReadonlyMap<string, Expression>
  readonly #sizes = new Map<string, number>()
  #left: number = limits.expressionValues
  #at = 0

  constructor(source: string, detections: ReadonlyMap<string, Expression>) {
    this.#tokens = source.match(/[()|]|[^\s()|]+/g) ?? []
    this.#detections = detections
    if (this.#tokens.includes('|'))
      throw new Error("The condition has an aggregation after '|': write it as a Sigma correlation.")
  }

  or(depth: number): Expression {
    const parts = [this.#and(depth)]
    while (this.#takes('or')) parts.push(this.#and(depth))
    return or(parts)
  }

  end(): void {
    const token = this.#tokens[this.#at]
    if (token !== undefined) throw new Error(`The condition goes on with '${token}' where it should end.`)
  }

  #and(depth: number): Expression {
    const parts = [this.#not(depth)]
    while (this.#takes('and')) parts.push(this.#not(depth))
    return and(parts)
  }

  #not(depth: number): Expression {
    if (depth > limits.depth) throw new Error(`The condition is nested more than ${limits.depth} deep.`)
    if (this.#takes('not')) return not(this.#not(depth + 1))
    if (this.#takes('(')) {
      const inner = this.or(depth + 1)
      if (!this.#takes(')')) throw new Error("A '(' of the condition is not closed.")
      return inner
    }
    return this.#identifier()
  }

  #takes(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false
    this.#at++
    return true
  }

  #identifier(): Expression {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw new Error('The condition ends where an identifier should stand.')
    if (this.#tokens[this.#at]?.toLowerCase() === 'of' && !this.#detections.has(token)) {
      this.#at++
      return this.#quantified(token.toLowerCase(), this.#tokens[this.#at++])
    }
    const detection = this.#detections.get(token)
    if (detection === undefined) throw new Error(`The condition names '${token}', which the rule does not define.`)
    this.#take(token)
    return detection
  }

  /** Every use of an identifier copies its values into the rule's expression. */
  #take(name: string): void {
    const size = this.#sizes.get(name) ?? sizeOf(this.#detections.get(name)!)
    this.#sizes.set(name, size)
    this.#left -= size
    if (this.#left < 0)
      throw new Error(
        `The condition uses more than ${limits.expressionValues} values, counting each use of an identifier.`,
      )
  }

  #quantified(quantity: string, pattern: string | undefined): Expression {
    if (pattern === undefined) throw new Error(`The condition ends after '${quantity} of'.`)
    const names = [...this.#detections.keys()].filter(matchesName(pattern))
    if (names.length === 0) throw new Error(`'${quantity} of ${pattern}' selects nothing that the rule defines.`)
    for (const name of names) this.#take(name)
    const chosen = names.map((name) => this.#detections.get(name)!)
    if (quantity === 'all') return and(chosen)
    if (quantity === 'any' || quantity === '1') return or(chosen)
    if (!/^\d{1,3}$/.test(quantity)) throw new Error(`'${quantity} of' is neither a number, 'any' nor 'all'.`)
    const choices = atLeast(Number(quantity), chosen)
    this.#left -= sizeOf(choices)
    if (this.#left < 0) throw new Error(`'${quantity} of ${pattern}' has too many choices.`)
    return choices
  }
}

function matchesName(pattern: string): (name: string) => boolean {
  if (pattern.toLowerCase() === 'them') return (name) => !name.startsWith('_')
  const pieces = normal(pattern.split(/(\*)/).map((piece) => (piece === '*' ? many : piece)))
  return (name) => matchesPattern(pieces, name) && (pattern.startsWith('_') || !name.startsWith('_'))
}

/** At least `count` of the expressions: every choice of that many, bounded. */
function atLeast(count: number, of: readonly Expression[]): Expression {
  const choices: Expression[] = []
  const choose = (from: number, chosen: readonly Expression[]): void => {
    if (choices.length > limits.variants) throw new Error(`'${count} of' has more than ${limits.variants} choices.`)
    if (chosen.length === count) choices.push(and(chosen))
    else for (let i = from; i <= of.length - (count - chosen.length); i++) choose(i + 1, [...chosen, of[i]!])
  }
  choose(0, [])
  return or(choices)
}

/** How many leaves an expression has. */
function sizeOf(expression: Expression): number {
  if (expression.kind === 'not') return sizeOf(expression.of)
  if (expression.kind !== 'and' && expression.kind !== 'or') return 1
  return expression.of.reduce((sum, part) => sum + sizeOf(part), 0)
}
