import type { Expression, Matcher } from '../expression.ts'
import { type Trigger, triggerOf, weightOf } from './trigger.ts'

/** The field of an event, or all of its values, that a predicate is about. */
export interface Slot {
  /** Names of the field in events, in the order in which they are looked for; undefined: all values of the event. */
  readonly names: readonly string[] | undefined
}

/** A test of one slot that rules share. */
export interface Predicate {
  readonly slot: number
  readonly matcher: Matcher
  readonly trigger: Trigger | undefined
  /** The slot of the field that a reference names. */
  readonly reference: number | undefined
}

/** A condition over predicates by their numbers. */
export type Plan =
  | { readonly op: 'predicate'; readonly predicate: number }
  | { readonly op: 'and' | 'or'; readonly of: readonly Plan[] }
  | { readonly op: 'not'; readonly of: Plan }
  | { readonly op: 'constant'; readonly value: boolean }

/** One rule's condition, and the predicates of which one must hold for it (its guard); without a guard it is looked at for every event. */
export interface RulePlan {
  readonly rule: number
  readonly plan: Plan
  readonly guard: readonly number[] | undefined
}

/** Collects the predicates of many rules, so that equal ones are tested once per event. */
export class Planner {
  readonly slots: Slot[] = []
  readonly predicates: Predicate[] = []
  readonly rules: RulePlan[] = []
  readonly #slots = new Map<string, number>()
  readonly #predicates = new Map<string, number>()

  /** @param names gives the names of a field in events, by its name in the rule */
  add(rule: number, condition: Expression, names: (field: string) => readonly string[]): void {
    const plan = this.#plan(condition, names)
    this.rules.push({ rule, plan, guard: guardOf(plan, true, this.predicates)?.predicates })
  }

  #plan(expression: Expression, names: (field: string) => readonly string[]): Plan {
    switch (expression.kind) {
      case 'constant':
        return { op: 'constant', value: expression.value }
      case 'not':
        return { op: 'not', of: this.#plan(expression.of, names) }
      case 'and':
      case 'or':
        return { op: expression.kind, of: this.#ordered(expression.of.map((part) => this.#plan(part, names))) }
      case 'field': {
        const { matcher } = expression
        const reference = matcher.kind === 'reference' ? this.#slot(names(matcher.field)) : undefined
        return this.#predicate(this.#slot(names(expression.field)), matcher, reference)
      }
      case 'keyword':
        return this.#predicate(this.#slot(undefined), expression.matcher, undefined)
    }
  }

  #slot(names: readonly string[] | undefined): number {
    const key = names === undefined ? '' : JSON.stringify(names)
    let slot = this.#slots.get(key)
    if (slot === undefined) {
      slot = this.slots.push({ names }) - 1
      this.#slots.set(key, slot)
    }
    return slot
  }

  #predicate(slot: number, matcher: Matcher, reference: number | undefined): Plan {
    const key = `${slot} ${reference} ${keyOf(matcher)}`
    let predicate = this.#predicates.get(key)
    if (predicate === undefined) {
      predicate = this.predicates.push({ slot, matcher, trigger: triggerOf(matcher), reference }) - 1
      this.#predicates.set(key, predicate)
    }
    return { op: 'predicate', predicate }
  }

  /** The parts with the cheap ones first: literals, then the rest, then what is about all values. The order changes no result. */
  #ordered(parts: readonly Plan[]): Plan[] {
    const cost = (plan: Plan): number => {
      if (plan.op === 'constant') return 0
      if (plan.op === 'not') return cost(plan.of) + 1
      if (plan.op !== 'predicate') return plan.of.reduce((sum, part) => sum + cost(part), 1)
      const { slot, trigger } = this.predicates[plan.predicate]!
      return this.slots[slot]!.names === undefined ? 1_000 : trigger?.exact === true ? 1 : 50
    }
    return parts
      .map((part) => ({ part, cost: cost(part) }))
      .sort((a, b) => a.cost - b.cost)
      .map(({ part }) => part)
  }
}

const keys = new WeakMap<Matcher, string>()

/** A text that equal matchers share. */
function keyOf(matcher: Matcher): string {
  let key = keys.get(matcher)
  if (key === undefined) {
    key = JSON.stringify(matcher)
    keys.set(matcher, key)
  }
  return key
}

interface Guard {
  readonly predicates: readonly number[]
  readonly weight: number
}

/** The lightest set of predicates of which one must hold for the plan to be `wanted`; undefined where there is none. */
function guardOf(plan: Plan, wanted: boolean, predicates: readonly Predicate[]): Guard | undefined {
  if (plan.op === 'constant') return plan.value === wanted ? undefined : { predicates: [], weight: 0 }
  if (plan.op === 'not') return guardOf(plan.of, !wanted, predicates)
  if (plan.op === 'predicate') {
    if (!wanted) return undefined
    const { trigger, matcher } = predicates[plan.predicate]!
    if (trigger !== undefined) return { predicates: [plan.predicate], weight: weightOf(trigger) }
    return matcher.kind === 'missing' ? undefined : { predicates: [plan.predicate], weight: 20_000 }
  }
  const parts = plan.of.map((part) => guardOf(part, wanted, predicates))
  if ((plan.op === 'and') === wanted) {
    const guards = parts.filter((part) => part !== undefined)
    return guards.length === 0 ? undefined : guards.reduce((best, part) => (part.weight < best.weight ? part : best))
  }
  if (parts.some((part) => part === undefined)) return undefined
  return {
    predicates: [...new Set(parts.flatMap((part) => part!.predicates))],
    weight: parts.reduce((sum, part) => sum + part!.weight, 0),
  }
}
