import type { StackGraph } from '../../../infra/graph/graph.ts'
import type { Policies } from '../../../policies/bundle.ts'

/** What a rule of the policy pack says about one resource, or about a stack as a whole. */
export interface Verdict {
  readonly rule: string
  readonly severity: string
  readonly enforcement: 'mandatory' | 'advisory'
  readonly stack: string
  readonly urn?: string
  readonly message: string
  /** Why and until when the rule does not bind here. */
  readonly exempted?: string
}

/** Judges all graphs of one environment together. */
export type Judge = (graphs: readonly StackGraph[], environment: string, policies: Policies) => readonly Verdict[]

/** A revision that is older than the pack has no verdicts. */
export const noVerdicts: Judge = () => []
