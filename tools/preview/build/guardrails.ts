import type { StackGraph } from '../../../infra/graph/graph.ts'
import type { Policies } from '../../../policies/bundle.ts'
import type { judge } from '../../../policies/guardrails/judge.ts'

/** What a rule of the policy pack says about one resource. Plain JSON. */
export interface Verdict {
  readonly rule: string
  readonly severity: string
  /** What to do about it. */
  readonly remediation: string
  readonly enforcement: 'mandatory' | 'advisory'
  readonly stack: string
  readonly urn: string
  readonly message: string
  /** Why the rule does not bind here, and until when. */
  readonly exempted?: string
}

/** Judges a recorded stack. */
export type Judge = (graph: StackGraph, policies: Policies) => readonly Verdict[]

/** A revision that is older than the pack has no verdicts. */
export const noVerdicts: Judge = () => []

/** The pack of a revision, by its own `judge`. */
export const judgeBy =
  (own: typeof judge): Judge =>
  (graph, policies) =>
    own(graph, { policies }).map(({ rule, urn, message, binds, exemption }) => ({
      rule: rule.name,
      severity: rule.severity,
      remediation: rule.remediation,
      enforcement: binds ? 'mandatory' : 'advisory',
      stack: graph.stack,
      urn,
      message,
      ...(exemption ? { exempted: `until ${exemption.until}: ${exemption.reason}` } : {}),
    }))
