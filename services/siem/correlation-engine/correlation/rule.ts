/** A Sigma correlation as the correlator runs it: references resolved, aliases applied, conditions normalised. */

export const correlationTypes = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
] as const
export type CorrelationType = (typeof correlationTypes)[number]

export const operators = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const
export type Operator = (typeof operators)[number]

/** One comparison of a condition. Several stand for a range: all must hold. */
export interface Comparison {
  readonly operator: Operator
  readonly value: number
}

/** Slots (positions in `rules`) that must all occur; for temporal_ordered in this order. */
export type Clause = readonly number[]

/** What must occur, and what must not, in a window that one of `needs` opens. */
export interface Absence {
  readonly needs: Clause
  /** Sorted; may be empty where another alternative of the condition lacks something. */
  readonly lacks: readonly number[]
}

export type Condition =
  /** The measured number passes all comparisons. */
  | { readonly kind: 'compare'; readonly comparisons: readonly Comparison[] }
  /** At least one clause is met. */
  | { readonly kind: 'clauses'; readonly clauses: readonly Clause[] }
  /** At least one is met in a window that is over: the condition says 'not'. */
  | { readonly kind: 'absences'; readonly absences: readonly Absence[] }

/** Slots as bits. */
export const maskOf = (slots: readonly number[]): number => slots.reduce((mask, slot) => mask | (1 << slot), 0)

/** The alternatives of a condition over slots; none of one that compares a number. */
export function absencesIn(condition: Condition): readonly Absence[] {
  if (condition.kind === 'absences') return condition.absences
  return condition.kind === 'clauses' ? condition.clauses.map((needs) => ({ needs, lacks: [] })) : []
}

/** Slots whose events open a window that is asked when it is over, as bits; 0 where windows end with an event. */
export const opensOf = (condition: Condition): number =>
  condition.kind === 'absences' ? maskOf(condition.absences.flatMap(({ needs }) => needs)) : 0

/** One entry of `rules`: where its events come from and which of their fields are read, aliases applied. */
export interface CorrelationInput {
  /** `rule`: index into the detection rules; `correlation`: index into the correlations, always a smaller one than the rule's own. */
  readonly from: { readonly kind: 'rule' | 'correlation'; readonly index: number }
  /** The referenced rule's id, for fingerprints. */
  readonly id: string
  /** Field names, in the order of `groupBy`. */
  readonly group: readonly string[]
  /** Fields that the condition measures: none, one, or (value_count alone) several. */
  readonly value: readonly string[]
  /** Fields that correlations of this correlation will ask for, in the order of `carry`. */
  readonly carry: readonly string[]
}

export interface CorrelationRule {
  /** `id`; where a rule has none its name, else its title. */
  readonly id: string
  readonly name?: string
  readonly title: string
  readonly description?: string
  readonly level?: string
  readonly status?: string
  readonly author?: string
  readonly tags: readonly string[]
  readonly references: readonly string[]
  readonly falsepositives: readonly string[]
  readonly type: CorrelationType
  readonly inputs: readonly CorrelationInput[]
  /** Names as the rule gives them (aliases not applied). */
  readonly groupBy: readonly string[]
  /** Milliseconds. */
  readonly timespan: number
  readonly condition: Condition
  /** 0 to 100; of value_percentile and value_median. */
  readonly percentile?: number
  /** More events can only make it hold, never stop it: such a rule can fire at once. */
  readonly monotone: boolean
  /** Field names that an occurrence hands to correlations of this one, beside its groups. */
  readonly carry: readonly string[]
  /** The referenced rules report on their own too. */
  readonly generate: boolean
  /** This correlation is reported. False where only others' chains use it. */
  readonly reported: boolean
  /** Changes with anything that state depends on. State of another fingerprint is not restored. */
  readonly fingerprint: string
}

/** Why a rule is left out. */
export interface CorrelationProblem {
  readonly file: string
  /** Number of the document in the file, from 1. */
  readonly document: number
  readonly id?: string
  readonly title?: string
  /** A sentence. */
  readonly reason: string
}
