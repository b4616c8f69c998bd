import type { Model } from '../../../policies/model/ml-inference.ts'
import type { Inference } from './inference.ts'

export { modelId } from './canary/desired.ts'

/** Which model each subset serves now, and how many pods the candidate has: the canary controller's word. */
export interface CanaryPlan {
  readonly stable: Model
  readonly canary?: { readonly model: Model; readonly pods: number } | undefined
}

export type PlanOf = (inference: Inference) => CanaryPlan
