import type { MLInferenceSpec, MLInferenceStatus, Model } from '../../../policies/model/ml-inference.ts'
import { builtInModel } from '../../common/inference/built-in.ts'
import type { KubeObject, Metadata } from './api/object.ts'

/** The resource as the API server gives it: what has a default is there. */
export interface Inference extends KubeObject {
  readonly metadata: Metadata & { readonly namespace: string; readonly uid: string }
  readonly spec: MLInferenceSpec & { readonly replicas: number; readonly model: Model }
  readonly status?: MLInferenceStatus
}

/** The resource as it was read. One that names no model gets the one that the runtime's image carries. */
export function inferenceOf(object: KubeObject): Inference {
  const spec = (object.spec ?? {}) as MLInferenceSpec
  return {
    ...object,
    spec: { ...spec, replicas: spec.replicas ?? 1, model: spec.model ?? builtInModel },
  } as Inference
}
