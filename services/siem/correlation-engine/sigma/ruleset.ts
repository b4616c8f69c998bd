import { Planner } from './engine/plan.ts'
import { Program, type RuleState } from './engine/program.ts'
import { type FieldReader, fieldReader, type SigmaEvent, shapeOf } from './mapping/fields.ts'
import type { Mapping } from './mapping/mapping.ts'
import { attributes, type EventSource, SourceTable } from './mapping/sources.ts'
import { evaluate } from './matches.ts'
import type { DetectionRule, LogSource } from './rule.ts'

/** What a rule has cost since the set was compiled. */
export interface RuleCost {
  /** Events for which its condition was looked at: those that passed its guard. */
  readonly evaluations: number
  /** Nanoseconds that this took, estimated from a sample. */
  readonly nanoseconds: number
}

const mostRemembered = 4_096

const sourceKey = ({ category = '', product = '', service = '' }: LogSource): string =>
  [category, product, service].join('\n')

/** Rules compiled against a mapping: tells which of them an event matches. */
export class RuleSet {
  readonly rules: readonly DetectionRule[]
  readonly mapping: Mapping
  readonly #sources: SourceTable
  readonly #readers: readonly Map<string, FieldReader>[]
  readonly #state: RuleState
  /** Programs by shape and the canonical values of the fields that tell sources; null where only a declared source can be. */
  readonly #routes = new Map<number, Program | null>()
  readonly #programs = new Map<string, Program>()
  readonly #codes: readonly { readonly field: string; readonly size: number; readonly codes: Map<string, number> }[]
  readonly #raw = new Map<string, Map<string, number>>()
  readonly #declared: ReadonlyMap<string, readonly number[]>

  constructor(rules: readonly DetectionRule[], mapping: Mapping) {
    this.rules = rules
    this.mapping = mapping
    this.#sources = new SourceTable(mapping)
    this.#readers = mapping.shapes.map(() => new Map())
    this.#codes = this.#sources.fields.map((field) => ({
      field,
      size: this.#sources.size(field),
      codes: new Map([
        ['', 0],
        ['*', 1],
      ]),
    }))
    this.#state = {
      disabled: new Uint8Array(rules.length),
      evaluations: new Float64Array(rules.length),
      nanoseconds: new Float64Array(rules.length),
    }
    const declared = new Map<string, number[]>()
    if (mapping.declared !== undefined)
      rules.forEach(({ logsource }, index) => {
        const key = sourceKey(logsource)
        declared.set(key, [...(declared.get(key) ?? []), index])
      })
    this.#declared = declared
  }

  /** Appends the indexes in `rules` of the rules that the event matches, in ascending order. */
  match(event: SigmaEvent, hits: number[]): void {
    const shape = shapeOf(this.mapping.shapes, event)
    if (shape < 0) return
    const before = hits.length
    const program = this.#route(shape, event)
    if (program === null) this.#matchDeclared(shape, event, hits)
    else program.match(event, hits)
    if (hits.length > before + 1) {
      const found = hits.splice(before).sort((a, b) => a - b)
      for (const hit of found) hits.push(hit)
    }
  }

  /** The same by direct interpretation, rule after rule: slow, and what `match` is tested against. */
  interpret(event: SigmaEvent, hits: number[]): void {
    const values = new Map(
      this.#sources.fields.map((field) => [field, this.#sources.canonical(field, this.field(event, field))]),
    )
    const source = this.#sources.sourceOf(values, () => this.#sources.declared((name) => this.field(event, name)))
    for (const [index, rule] of this.rules.entries()) {
      if (this.#state.disabled[index] === 1 || !this.#sources.meets(rule, source)) continue
      const read = (name: string): unknown => {
        for (const actual of this.#sources.fieldNames(rule, source, name)) {
          const value = this.field(event, actual)
          if (value !== undefined) return value
        }
        return undefined
      }
      if (evaluate(rule.condition, event, read)) hits.push(index)
    }
  }

  /** A field of an event by its name in rules, read through the mapping; undefined when the event has none. */
  field(event: SigmaEvent, name: string): unknown {
    const shape = shapeOf(this.mapping.shapes, event)
    return shape < 0 ? undefined : this.#field(shape, event, name)
  }

  /** Takes a rule out, or back in, while events go on. */
  setEnabled(rule: number, enabled: boolean): void {
    this.#state.disabled[rule] = enabled ? 0 : 1
  }

  /** What a rule has cost so far. */
  cost(rule: number): RuleCost {
    return { evaluations: this.#state.evaluations[rule]!, nanoseconds: this.#state.nanoseconds[rule]! }
  }

  /** Compiles the programs of all sources that the mapping knows, which otherwise happens at the first event of each. */
  warm(): void {
    const values = (at: number, chosen: ReadonlyMap<string, string>): void => {
      const code = this.#codes[at]
      if (code !== undefined) {
        for (const value of ['', '*', ...this.#sources.values(code.field)])
          values(at + 1, new Map(chosen).set(code.field, value))
      } else this.mapping.shapes.forEach((_, shape) => void this.#compile(shape, chosen))
    }
    values(0, new Map())
  }

  #route(shape: number, event: SigmaEvent): Program | null {
    let key = shape
    for (let i = 0; i < this.#codes.length; i++) {
      const { field, size, codes } = this.#codes[i]!
      key = key * size + this.#code(field, this.#field(shape, event, field), codes)
    }
    let program = this.#routes.get(key)
    if (program === undefined) {
      const values = new Map(
        this.#codes.map(({ field }) => [field, this.#sources.canonical(field, this.#field(shape, event, field))]),
      )
      program = this.#compile(shape, values)
      this.#routes.set(key, program)
    }
    return program
  }

  /** The number of a value of a field that tells sources. Values are remembered as they are written, so that folding is rare. */
  #code(field: string, value: unknown, codes: Map<string, number>): number {
    const raw = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
    let code = this.#raw.get(field)?.get(raw)
    if (code !== undefined) return code
    const canonical = this.#sources.canonical(field, value)
    code = codes.get(canonical)
    if (code === undefined) {
      code = codes.size
      codes.set(canonical, code)
    }
    const seen = this.#raw.get(field) ?? new Map<string, number>()
    this.#raw.set(field, seen)
    // What senders may choose freely is not remembered without end.
    if (seen.size < mostRemembered && raw.length < 256) seen.set(raw, code)
    return code
  }

  #compile(shape: number, values: ReadonlyMap<string, string>): Program | null {
    const source = this.#sources.sourceOf(values, () => ({}))
    if (source.events.length === 0 && this.mapping.declared !== undefined) return null
    const rules = (): number[] =>
      this.rules.flatMap((rule, index) => (this.#sources.meets(rule, source) ? [index] : []))
    return this.#program(shape, source.events.map(({ number }) => number).join(), rules, source)
  }

  /** The program of rules for events of one shape and source; `key` is equal for equal rules and sources. */
  #program(shape: number, key: string, rules: () => readonly number[], source: EventSource): Program {
    const whole = `${shape} ${key}`
    let program = this.#programs.get(whole)
    if (program === undefined) {
      const planner = new Planner()
      for (const index of rules()) {
        const rule = this.rules[index]!
        planner.add(index, rule.condition, (field) => this.#sources.fieldNames(rule, source, field))
      }
      program = new Program(planner, this.mapping.shapes[shape]!, this.#state)
      this.#programs.set(whole, program)
    }
    return program
  }

  /** An event that names its log source meets the rules of each part of it: seven at most. */
  #matchDeclared(shape: number, event: SigmaEvent, hits: number[]): void {
    const named = this.#sources.declared((name) => this.#field(shape, event, name))
    const parts = attributes.filter((attribute) => named[attribute] !== undefined)
    for (let chosen = 1; chosen < 1 << parts.length; chosen++) {
      const key = sourceKey(
        Object.fromEntries(parts.filter((_, i) => chosen & (1 << i)).map((part) => [part, named[part]])),
      )
      const rules = this.#declared.get(key)
      if (rules === undefined) continue
      const none = {
        of: { category: new Set<string>(), product: new Set<string>(), service: new Set<string>() },
        events: [],
      }
      this.#program(shape, `declared ${key}`, () => rules, none).match(event, hits)
    }
  }

  #field(shape: number, event: SigmaEvent, name: string): unknown {
    const readers = this.#readers[shape]!
    let reader = readers.get(name)
    if (reader === undefined) {
      reader = fieldReader(this.mapping.shapes[shape]!, name)
      readers.set(name, reader)
    }
    return reader(event)
  }
}

export interface CompileOptions {
  readonly mapping: Mapping
}

/** Compiles rules once for many events. */
export const compile = (rules: readonly DetectionRule[], { mapping }: CompileOptions): RuleSet =>
  new RuleSet(rules, mapping)
