import type { StackGraph } from '../../../infra/graph/graph.ts'
import type { Policies } from '../../../policies/bundle.ts'
import type { Finding } from '../../../policies/model/finding.ts'
import type { Verdict } from './guardrails.ts'

/** A finding of a revision's own checks, and the environments that it stops. */
export interface JudgedFinding extends Finding {
  /** None: advice. */
  readonly stops: readonly string[]
}

export interface BuildFailure {
  readonly message: string
  /** Of policies that contradict themselves. */
  readonly findings: readonly Finding[]
  /** A stack that it needs failed, so it was not tried. */
  readonly notTried: boolean
}

/** What one stack became: its graph, or why there is none. */
export type BuiltStack = {
  readonly stack: string
  /** Absent: the local region, whose objects are synthesized and not recorded. */
  readonly environment?: string
  readonly region?: string
} & ({ readonly graph: StackGraph } | { readonly error: BuildFailure })

/** Everything that a revision would be, as its own code says. Plain JSON. */
export interface Built {
  readonly policies: Policies
  readonly findings: readonly JudgedFinding[]
  readonly verdicts: readonly Verdict[]
  readonly stacks: readonly BuiltStack[]
  /** Why the checks or the policy pack could not judge. */
  readonly unjudged: readonly string[]
  /** What could not be built at all, in sentences. */
  readonly remarks: readonly string[]
}

/** One edit of a policy: the keys that lead to it, and the value on each side; undefined where there is none. */
export interface PolicyEdit {
  readonly keys: readonly string[]
  readonly before?: unknown
  readonly after?: unknown
}

/** What a variant became. */
export interface BuiltVariant {
  readonly stacks: readonly BuiltStack[]
  readonly findings: readonly JudgedFinding[]
}

/** Head as it would be without some edits. */
export interface Variant {
  readonly without: readonly PolicyEdit[]
  /** Only these stacks, and those that they need. */
  readonly stacks: readonly string[]
}

export const graphOf = (built: BuiltStack): StackGraph | undefined => ('graph' in built ? built.graph : undefined)
