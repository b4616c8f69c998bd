import type { Expression } from './expression.ts'

export type Level = 'informational' | 'low' | 'medium' | 'high' | 'critical'
export const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const satisfies readonly Level[]

/** What a rule is about: the kind of event (category), who makes it (product) and which of its logs (service). */
export interface LogSource {
  readonly category?: string
  readonly product?: string
  readonly service?: string
}

/** A Sigma detection rule: what its author wrote, and its condition as one expression. */
export interface DetectionRule {
  /** The file and the number of the document in it, from 1: where a person finds the rule. */
  readonly file: string
  readonly document: number
  /** The rule's own id; where it gives none, `file#document`. */
  readonly id: string
  /** The name by which correlations may refer to it. */
  readonly name?: string
  readonly title: string
  readonly level?: Level
  readonly status?: string
  readonly description?: string
  readonly author?: string
  readonly license?: string
  readonly references: readonly string[]
  /** As written, e.g. `attack.t1059.001`. */
  readonly tags: readonly string[]
  readonly falsepositives: readonly string[]
  /** Fields that the author wants to see beside an alert. */
  readonly fields: readonly string[]
  readonly logsource: LogSource
  readonly condition: Expression
}

/** Why a document is no rule here. */
export interface RuleProblem {
  readonly file: string
  readonly document: number
  readonly id?: string
  readonly title?: string
  readonly reason: string
}
