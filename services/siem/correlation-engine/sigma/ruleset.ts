import { type FieldReader, fieldReader, type SigmaEvent, shapeOf } from './mapping/fields.ts'
import type { Mapping } from './mapping/mapping.ts'
import { SourceTable } from './mapping/sources.ts'
import { evaluate } from './matches.ts'
import type { DetectionRule } from './rule.ts'

/** Rules compiled against a mapping: tells which of them an event matches. */
export class RuleSet {
  readonly rules: readonly DetectionRule[]
  readonly mapping: Mapping
  readonly #sources: SourceTable
  readonly #readers: readonly Map<string, FieldReader>[]
  readonly #disabled = new Set<number>()

  constructor(rules: readonly DetectionRule[], mapping: Mapping) {
    this.rules = rules
    this.mapping = mapping
    this.#sources = new SourceTable(mapping, rules)
    this.#readers = mapping.shapes.map(() => new Map())
  }

  /** Appends the indexes in `rules` of the rules that the event matches, in ascending order. */
  match(event: SigmaEvent, hits: number[]): void {
    const values = new Map(
      this.#sources.fields.map((field) => [field, this.#sources.canonical(field, this.field(event, field))]),
    )
    const source = this.#sources.sourceOf(values)
    for (const [index, rule] of this.rules.entries()) {
      if (this.#disabled.has(index) || !this.#sources.meets(rule, source)) continue
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
    const readers = this.#readers[shape]
    if (readers === undefined) return undefined
    let reader = readers.get(name)
    if (reader === undefined) {
      reader = fieldReader(this.mapping.shapes[shape]!, name)
      readers.set(name, reader)
    }
    return reader(event)
  }

  /** Takes a rule out (or back in) while events go on. */
  setEnabled(rule: number, enabled: boolean): void {
    if (enabled) this.#disabled.delete(rule)
    else this.#disabled.add(rule)
  }
}

export interface CompileOptions {
  readonly mapping: Mapping
}

/** Compiles rules once for many events. */
export const compile = (rules: readonly DetectionRule[], { mapping }: CompileOptions): RuleSet =>
  new RuleSet(rules, mapping)
