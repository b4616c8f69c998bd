import { createHash } from 'node:crypto'
import type { CanaryStatus, MLInferenceSpec, Model } from '../../../../policies/model/ml-inference.ts'

/** A resource, as far as its canary goes: defaults are filled in, and there always is a model. */
export interface CanaryObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly resourceVersion?: string
  }
  readonly spec: MLInferenceSpec & { readonly replicas: number; readonly model: Model }
  readonly status?: { readonly canary?: CanaryStatus }
}

/** What the pods of both subsets are to be. */
export interface Desired {
  readonly stable: Model
  /** Undefined when there is to be no pod of a candidate. */
  readonly canary: { readonly model: Model; readonly pods: number } | undefined
}

/** Names what a model is: its version, for people, and a digest, because another file, address or name is another model. */
export function modelId({ name, version, uri, sha256 }: Model): string {
  const digest = createHash('sha256').update(JSON.stringify([name, version, uri, sha256]))
  return `${version}-${digest.digest('hex').slice(0, 12)}`
}

/** Whether nothing more happens to the candidate. */
export const over = ({ phase }: Pick<CanaryStatus, 'phase'>): boolean =>
  phase === 'Promoted' || phase === 'RolledBack' || phase === 'Aborted'

/**
 * What follows for pods from the spec and from where the canary is. Of a candidate only the status counts, never `spec.canary`: its pods stay what
 * they are while callers reach them, whatever becomes of the spec meanwhile.
 */
export function desired({ spec, status }: Pick<CanaryObject, 'spec' | 'status'>): Desired {
  const walk = status?.canary
  if (!walk) return { stable: spec.model, canary: undefined }
  return {
    stable: walk.stable === 'candidate' && (!over(walk) || lasts(spec, walk)) ? walk.model : spec.model,
    canary: walk.pods > 0 ? { model: walk.model, pods: walk.pods } : undefined,
  }
}

/** A promotion lasts as long as the spec names both the model that was replaced and the one that took over. */
const lasts = ({ model, canary }: CanaryObject['spec'], walk: CanaryStatus): boolean =>
  modelId(model) === walk.replaces && canary?.model !== undefined && modelId(canary.model) === walk.candidate
