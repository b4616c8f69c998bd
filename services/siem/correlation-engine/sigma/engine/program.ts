import { fieldReader, type SigmaEvent } from '../mapping/fields.ts'
import type { Shape } from '../mapping/mapping.ts'
import { deepest, matches, matchesAnywhere, textOf } from '../matches.ts'
import { fold, matchesPattern } from '../pattern.ts'
import { Automaton, type Literal, type Sink } from './automaton.ts'
import type { Plan, Planner, Predicate } from './plan.ts'
import { SkipSearch } from './skip.ts'
import { EdgeTree } from './tree.ts'

/** What is known of the rules while events go on; shared by the programs of a rule set. */
export interface RuleState {
  /** 1 for rules that are taken out. */
  readonly disabled: Uint8Array
  /** How often a rule's condition was looked at. */
  readonly evaluations: Float64Array
  /** Nanoseconds that looking at it took, measured for one event in `sampleEvery` and multiplied. */
  readonly nanoseconds: Float64Array
}

/** One event in this many has its rules' times taken. */
export const sampleEvery = 256

/** The literals of a slot, by where they must stand. */
interface SlotScan {
  readonly slot: number
  readonly start: EdgeTree | undefined
  readonly end: EdgeTree | undefined
  readonly inside: Automaton | SkipSearch | undefined
  /** Characters of the shortest literal inside, as far as no folded text is longer than what it was folded from. */
  readonly shortest: number
  /** Predicates that hold or may hold whenever the slot has any value. */
  readonly present: readonly number[]
}

/** The rules that events of one source and shape can meet, compiled: an event is scanned once, and only rules of whose guard something holds are looked at. */
export class Program implements Sink {
  readonly #predicates: readonly Predicate[]
  readonly #rules: readonly number[]
  readonly #plans: readonly Plan[]
  readonly #guarded: readonly (Int32Array | undefined)[]
  readonly #unguarded: Int32Array
  readonly #readers: readonly (((event: SigmaEvent) => unknown) | undefined)[]
  readonly #scans: readonly SlotScan[]
  readonly #anywhere: SlotScan | undefined
  readonly #state: RuleState
  readonly #exact: Uint8Array

  // What is known of the event at hand: entries count only where they bear its number.
  #event: SigmaEvent = {}
  #serial = 0
  readonly #hitAt: Uint32Array
  readonly #knownAt: Uint32Array
  readonly #known: Uint8Array
  readonly #readAt: Uint32Array
  readonly #values: unknown[]
  readonly #foldedAt: Uint32Array
  readonly #texts: string[]
  readonly #candidateAt: Uint32Array
  readonly #candidates: Int32Array
  #candidateCount = 0
  #reference = 0

  constructor(planner: Planner, shape: Shape, state: RuleState) {
    const { slots, predicates, rules } = planner
    this.#predicates = predicates
    this.#rules = rules.map(({ rule }) => rule)
    this.#plans = rules.map(({ plan }) => plan)
    this.#state = state
    this.#readers = slots.map(({ names }) => (names === undefined ? undefined : readerOf(shape, names)))
    const guarded: number[][] = predicates.map(() => [])
    rules.forEach(({ guard }, at) => {
      for (const predicate of guard ?? []) guarded[predicate]!.push(at)
    })
    this.#guarded = guarded.map((of) => (of.length === 0 ? undefined : Int32Array.from(of)))
    this.#unguarded = Int32Array.from(rules.flatMap(({ guard }, at) => (guard === undefined ? [at] : [])))
    const scanned = new Set(predicates.flatMap(({ slot }, at) => (guarded[at]!.length > 0 ? [slot] : [])))
    const scans = [...scanned].map((slot) => scanOf(slot, predicates, this.#guarded))
    this.#scans = scans.filter(({ slot }) => this.#readers[slot] !== undefined)
    this.#anywhere = scans.find(({ slot }) => this.#readers[slot] === undefined)
    this.#exact = Uint8Array.from(predicates, ({ trigger }, at) =>
      guarded[at]!.length > 0 && trigger?.exact === true ? 1 : 0,
    )
    this.#hitAt = new Uint32Array(predicates.length)
    this.#knownAt = new Uint32Array(predicates.length)
    this.#known = new Uint8Array(predicates.length)
    this.#readAt = new Uint32Array(slots.length)
    this.#values = slots.map(() => undefined)
    this.#foldedAt = new Uint32Array(slots.length)
    this.#texts = slots.map(() => '')
    this.#candidateAt = new Uint32Array(rules.length)
    this.#candidates = new Int32Array(rules.length)
  }

  /** Rules in this program. */
  get rules(): readonly number[] {
    return this.#rules
  }

  /** Appends the rules that the event matches. */
  match(event: SigmaEvent, hits: number[]): void {
    this.#event = event
    this.#next()
    for (const scan of this.#scans) {
      const value = this.#value(scan.slot)
      if (value === undefined || value === null) continue
      for (let i = 0; i < scan.present.length; i++) this.hit(scan.present[i]!)
      this.#scan(scan, value)
    }
    if (this.#anywhere !== undefined) this.#scanAll(this.#anywhere, event, 0)
    const timed = this.#serial % sampleEvery === 0
    for (let i = 0; i < this.#unguarded.length; i++) this.#look(this.#unguarded[i]!, hits, timed)
    for (let i = 0; i < this.#candidateCount; i++) this.#look(this.#candidates[i]!, hits, timed)
    this.#event = {}
  }

  /** A literal of this predicate stands in its slot. */
  hit(predicate: number): void {
    if (this.#hitAt[predicate] === this.#serial) return
    this.#hitAt[predicate] = this.#serial
    const rules = this.#guarded[predicate]
    if (rules === undefined) return
    for (let i = 0; i < rules.length; i++) {
      const at = rules[i]!
      if (this.#candidateAt[at] === this.#serial) continue
      this.#candidateAt[at] = this.#serial
      this.#candidates[this.#candidateCount++] = at
    }
  }

  #next(): void {
    this.#candidateCount = 0
    this.#serial++
    if (this.#serial < 0xffff_ffff) return
    this.#serial = 1
    for (const stamps of [this.#hitAt, this.#knownAt, this.#readAt, this.#foldedAt, this.#candidateAt]) stamps.fill(0)
  }

  #look(at: number, hits: number[], timed: boolean): void {
    const rule = this.#rules[at]!
    if (this.#state.disabled[rule] === 1) return
    this.#state.evaluations[rule]!++
    if (!timed) {
      if (this.#holds(this.#plans[at]!)) hits.push(rule)
      return
    }
    const from = process.hrtime.bigint()
    if (this.#holds(this.#plans[at]!)) hits.push(rule)
    this.#state.nanoseconds[rule]! += Number(process.hrtime.bigint() - from) * sampleEvery
  }

  #holds(plan: Plan): boolean {
    switch (plan.op) {
      case 'predicate':
        return this.#test(plan.predicate)
      case 'and':
        for (let i = 0; i < plan.of.length; i++) if (!this.#holds(plan.of[i]!)) return false
        return true
      case 'or':
        for (let i = 0; i < plan.of.length; i++) if (this.#holds(plan.of[i]!)) return true
        return false
      case 'not':
        return !this.#holds(plan.of)
      case 'constant':
        return plan.value
    }
  }

  #test(predicate: number): boolean {
    if (this.#exact[predicate] === 1) return this.#hitAt[predicate] === this.#serial
    if (this.#knownAt[predicate] === this.#serial) return this.#known[predicate] === 1
    const result = this.#ask(this.#predicates[predicate]!)
    this.#knownAt[predicate] = this.#serial
    this.#known[predicate] = result ? 1 : 0
    return result
  }

  #ask({ slot, matcher, trigger, reference }: Predicate): boolean {
    if (this.#readers[slot] === undefined) return matchesAnywhere(matcher, this.#event)
    const value = this.#value(slot)
    if (typeof value === 'string' && matcher.kind === 'text' && !matcher.cased) {
      const text = this.#folded(slot, value)
      if (trigger?.exact !== true) return matchesPattern(matcher.pattern, text)
      switch (trigger.place) {
        case 'whole':
          return text === trigger.literal
        case 'start':
          return text.startsWith(trigger.literal)
        case 'end':
          return text.endsWith(trigger.literal)
        case 'inside':
          return text.includes(trigger.literal)
      }
    }
    this.#reference = reference ?? 0
    return matches(matcher, value, this.#read)
  }

  #folded(slot: number, text: string): string {
    if (this.#foldedAt[slot] !== this.#serial) {
      this.#foldedAt[slot] = this.#serial
      this.#texts[slot] = fold(text)
    }
    return this.#texts[slot]!
  }

  /** Reads the field that the predicate at hand refers to. */
  readonly #read = (): unknown => this.#value(this.#reference)

  #value(slot: number): unknown {
    if (this.#readAt[slot] !== this.#serial) {
      this.#readAt[slot] = this.#serial
      this.#values[slot] = this.#readers[slot]!(this.#event)
    }
    return this.#values[slot]
  }

  #scan(scan: SlotScan, value: unknown): void {
    if (Array.isArray(value)) {
      for (const member of value) if (!Array.isArray(member)) this.#scan(scan, member)
      return
    }
    const text = typeof value === 'string' ? value : textOf(value)
    if (text === undefined) return
    scan.start?.scan(text, this)
    scan.end?.scan(text, this)
    scan.inside?.scan(text, this)
  }

  /** Scans every value below this one. Most are texts, and most scans look for literals inside alone. */
  #scanAll(scan: SlotScan, value: object, depth: number): void {
    if (depth >= deepest) return
    const plain = scan.start === undefined && scan.end === undefined && scan.present.length === 0
    for (const key in value) {
      const member = (value as Record<string, unknown>)[key]
      if (typeof member === 'string' && plain) {
        if (member.length >= scan.shortest) scan.inside!.scan(member, this)
      } else if (typeof member === 'object') {
        if (member !== null) this.#scanAll(scan, member, depth + 1)
      } else if (member !== undefined) {
        for (let i = 0; i < scan.present.length; i++) this.hit(scan.present[i]!)
        this.#scan(scan, member)
      }
    }
  }
}

function readerOf(shape: Shape, names: readonly string[]): (event: SigmaEvent) => unknown {
  const [first, ...others] = names.map((name) => fieldReader(shape, name))
  if (first === undefined) return () => undefined
  if (others.length === 0) return first
  return (event) => {
    let value = first(event)
    for (let i = 0; i < others.length && value === undefined; i++) value = others[i]!(event)
    return value
  }
}

function scanOf(
  slot: number,
  predicates: readonly Predicate[],
  guarded: readonly (Int32Array | undefined)[],
): SlotScan {
  const at = { whole: [] as Literal[], start: [] as Literal[], end: [] as Literal[], inside: [] as Literal[] }
  const present: number[] = []
  predicates.forEach((predicate, number) => {
    if (predicate.slot !== slot) return
    const { trigger } = predicate
    if (guarded[number] === undefined) return
    if (trigger === undefined) present.push(number)
    else at[trigger.place].push({ text: trigger.literal, number })
  })
  return {
    slot,
    present,
    // The dotted capital I alone becomes longer, two for one.
    shortest: Math.ceil(Math.min(...at.inside.map(({ text }) => text.length), Number.MAX_SAFE_INTEGER) / 2),
    start: at.start.length + at.whole.length > 0 ? new EdgeTree(false, at.start, at.whole) : undefined,
    end: at.end.length > 0 ? new EdgeTree(true, at.end, []) : undefined,
    inside:
      at.inside.length === 0
        ? undefined
        : SkipSearch.suits(at.inside)
          ? new SkipSearch(at.inside)
          : new Automaton(at.inside),
  }
}
