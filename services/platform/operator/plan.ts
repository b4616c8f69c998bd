import { createHash } from 'node:crypto'
import type { Model } from '../../../policies/model/ml-inference.ts'
import type { Inference } from './inference.ts'

/** Which model each subset serves now, and how many pods the candidate has: the canary controller's word. */
export interface CanaryPlan {
  readonly stable: Model
  readonly canary?: { readonly model: Model; readonly pods: number } | undefined
}

export type PlanOf = (inference: Inference) => CanaryPlan

/** Names what a model is, short enough for a label: another file, version or name is another model. */
export const modelId = ({ name, version, uri, sha256 }: Model): string =>
  createHash('sha256')
    .update(JSON.stringify([name, version, uri, sha256]))
    .digest('hex')
    .slice(0, 16)
