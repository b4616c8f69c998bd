import { and, type Expression, type Matcher, not, or } from './expression.ts'
import { limits } from './limits.ts'
import { applyModifiers, type Placeholders, type RuleValue } from './modifiers.ts'
import { anywhere } from './pattern.ts'

/**
 * What one search identifier of a rule says. A map holds when each of its fields does, a list when one of its members does; text and numbers that
 * stand alone are keywords, searched in every value of the event.
 * @throws Error with a reason, naming the field.
 */
export function parseDetection(definition: unknown, placeholders: Placeholders, budget: ValueBudget): Expression {
  if (Array.isArray(definition)) {
    if (definition.length === 0) throw new Error('A list is empty.')
    return or(definition.map((member) => parseDetection(member, placeholders, budget)))
  }
  if (isScalar(definition)) return keywords([], [definition], placeholders, budget)
  if (typeof definition !== 'object' || definition === null) throw new Error('A value is neither text, list nor map.')
  const entries = Object.entries(definition)
  if (entries.length === 0) throw new Error('A map is empty.')
  return and(entries.map(([key, value]) => fieldItem(key, value, placeholders, budget)))
}

/** Counts the values of one rule, so that aliases cannot multiply them without end. */
export class ValueBudget {
  #left: number = limits.values

  take(count: number): void {
    this.#left -= count
    if (this.#left < 0) throw new Error(`The rule has more than ${limits.values} values.`)
  }
}

const isScalar = (value: unknown): value is Exclude<RuleValue, null> =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

function fieldItem(key: string, value: unknown, placeholders: Placeholders, budget: ValueBudget): Expression {
  const [field = '', ...modifiers] = key.split('|')
  try {
    const values = Array.isArray(value) ? value : [value]
    if (values.length === 0) throw new Error('The list of values is empty.')
    for (const member of values)
      if (member !== null && !isScalar(member)) throw new Error('A value is a list or a map.')
    if (field === '') return keywords(modifiers, values, placeholders, budget)
    return joined(modifiers, values, placeholders, budget, (matcher) => ({ kind: 'field', field, matcher }))
  } catch (error) {
    throw new Error(`In '${key}': ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function keywords(
  modifiers: readonly string[],
  values: readonly RuleValue[],
  placeholders: Placeholders,
  budget: ValueBudget,
): Expression {
  return joined(modifiers, values, placeholders, budget, (matcher) => {
    if (matcher.kind === 'missing' || matcher.kind === 'present' || matcher.kind === 'reference')
      throw new Error('A keyword is a text that some value of the event contains.')
    return {
      kind: 'keyword',
      matcher: matcher.kind === 'text' ? { ...matcher, pattern: anywhere(matcher.pattern) } : matcher,
    }
  })
}

function joined(
  modifiers: readonly string[],
  values: readonly RuleValue[],
  placeholders: Placeholders,
  budget: ValueBudget,
  leaf: (matcher: Matcher) => Expression,
): Expression {
  const tests = applyModifiers(modifiers, values, placeholders)
  const parts = tests.values.map((matchers) => {
    budget.take(matchers.length)
    return or(matchers.map(leaf))
  })
  const whole = tests.all ? and(parts) : or(parts)
  return tests.negated ? not(whole) : whole
}
