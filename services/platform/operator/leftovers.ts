import type { Api } from './api/client.ts'
import { type KubeObject, keyOf, refOf } from './api/object.ts'
import { madeKinds } from './desired/desired.ts'
import { owned } from './desired/names.ts'
import type { Inference } from './inference.ts'

export interface LeftoversOptions {
  readonly api: Api
  readonly inference: Inference
  readonly wanted: readonly KubeObject[]
  /** What the informers know: objects of the resource, and its pods. */
  readonly made: readonly KubeObject[]
  readonly signal: AbortSignal
}

interface PodSpec {
  readonly volumes?: readonly { readonly configMap?: { readonly name?: string } }[]
}

const idOf = (object: KubeObject): string => `${object.kind} ${keyOf(object)}`

/**
 * Deletes what this resource owns and no longer wants, last made first. A list of models stays for as long as a pod mounts it: pods of
 * a rollout that is under way may start anew.
 */
export async function leftovers({ api, inference, wanted, made, signal }: LeftoversOptions): Promise<void> {
  const keep = new Set(wanted.map(idOf))
  const mounted = new Set(
    made
      .filter(({ kind }) => kind === 'Pod')
      .flatMap(({ spec }) => (spec as PodSpec).volumes ?? [])
      .map(({ configMap }) => configMap?.name),
  )
  const order: readonly string[] = madeKinds.toReversed()
  const gone = made
    .filter((object) => order.includes(object.kind) && owned(object, inference) && !keep.has(idOf(object)))
    .filter(({ kind, metadata }) => kind !== 'ConfigMap' || !mounted.has(metadata.name))
    .toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
  for (const object of gone) {
    const { uid, resourceVersion } = object.metadata
    if (uid === undefined || object.metadata.deletionTimestamp) continue
    // On the version that was seen: what somebody changed since is looked at anew.
    await api.delete(refOf(object), { uid, ...(resourceVersion ? { resourceVersion } : {}) }, signal)
  }
}
