import type { Model } from '../../../../../policies/model/ml-inference.ts'
import type { Figures, JudgePolicy } from '../judge.ts'

/** The pods of one subset. */
export interface SubsetPods {
  /** Ready, and not going away. */
  readonly ready: number
  /** The model whose rollout is through: every pod has it and is ready, and none of another is left. */
  readonly settledOn: string | undefined
}

/** How the walk goes, with all defaults filled in. Times in milliseconds. */
export interface WalkPolicy extends Omit<JudgePolicy, 'steps'> {
  /** Shares of the canary, per cent; they grow, and the last is 100. */
  readonly steps: readonly number[]
  readonly intervalMs: number
  readonly deadlineMs: number
  readonly drainMs: number
  readonly minPods: number
  readonly paused: boolean
}

/** What is known of the two subsets since the share stands, or why nothing is. */
export type Evidence =
  | {
      readonly known: true
      readonly figures: Figures
      /** Requests that the candidate's own pods counted in the same time. Undefined: they were not asked. */
      readonly seenByPods?: number
    }
  | { readonly known: false; readonly why: string }

/** Everything that a decision rests on. */
export interface Seen {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly candidate: Model | undefined
  readonly stable: Model
  /** Pods that carry all callers. */
  readonly replicas: number
  readonly policy: WalkPolicy
  readonly pods: { readonly stable: SubsetPods; readonly canary: SubsetPods }
  /** The canary's share, per cent, as the mesh has it. Undefined while the route is not there. */
  readonly weight: number | undefined
  readonly evidence: Evidence
}

/** Pods that a subset needs for a share of the callers before it gets it. */
export const podsFor = (weight: number, { replicas, policy }: Pick<Seen, 'replicas' | 'policy'>): number =>
  weight === 0 ? 0 : Math.max(policy.minPods, Math.ceil((replicas * weight) / 100))

/**
 * Ready pods below which a candidate's share is taken away again: half of what it needs, measured against the stable pods that are ready, so that
 * an autoscaler which asks for more of both takes nothing away. At least one.
 */
export function fewestOfCanary(weight: number, { replicas, policy, pods }: Seen): number {
  const carried = { replicas: Math.min(replicas, pods.stable.ready), policy }
  return Math.max(1, Math.floor(podsFor(weight, carried) / 2))
}

/** Whether the stable pods may have all callers: half of them are ready, or as many as the candidate has. At least one. */
export const stableCarriesAll = ({ replicas, pods: { stable, canary } }: Seen): boolean =>
  stable.ready >= Math.max(1, Math.min(Math.floor(replicas / 2), canary.ready))

/**
 * Whether the mesh may be told the share that the state names: never one of pods that are not ready. More than it has now needs all pods of
 * that share, less needs stable pods that carry the rest.
 */
export function mayShift(weight: number, seen: Seen): boolean {
  const now = seen.weight ?? 0
  if (weight > now) return seen.pods.canary.ready >= podsFor(weight, seen)
  return stableCarriesAll(seen)
}
