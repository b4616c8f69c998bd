import { mlInference } from '../../../policies/model/ml-inference.ts'
import type { Api } from './api/client.ts'
import type { KubeObject } from './api/object.ts'
import { manager, owned } from './desired/names.ts'
import { type Inference, inferenceOf } from './inference.ts'
import type { Outcome } from './queue.ts'
import type { ReconcileOptions } from './reconcile.ts'

/** Keeps a resource until its objects have gone in their order. */
export const finalizer = `${mlInference.group}/mlinference`

/** After so long it goes whatever stands in its way: a deletion must not hang on another controller that is gone itself. */
const timeoutMs = 120_000
const lookAgainMs = 1_000

/** Those that must be gone before the pods: who scales them, then who sends callers to them. */
const before = ['ScaledObject', 'VirtualService', 'DestinationRule'] as const

/** The resource with our finalizer; one that is being deleted gets none. Bound to its uid: one of the same name that came later is another's. */
export async function withFinalizer(api: Api, object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
  if (object.metadata.finalizers?.includes(finalizer)) return object
  return api.apply(bare(object, [finalizer]), { manager: finalizerManager }, signal)
}

/** A manager of its own: applying the status must not take the finalizer away, nor the other way round. */
const finalizerManager = `${manager}-finalizer`

const bare = ({ apiVersion, kind, metadata: { name, namespace, uid } }: KubeObject, finalizers: readonly string[]) =>
  ({ apiVersion, kind, metadata: { name, namespace, uid, finalizers } }) as KubeObject

/**
 * What happens to a resource that is being deleted: the autoscaler and the routes go first, one after the other, then the finalizer, and with
 * it the rest by the API server's collector. Objects without their definition are as good as gone.
 */
export async function finalize(
  { api, clock, events }: ReconcileOptions,
  inference: Inference,
  signal: AbortSignal,
): Promise<Outcome> {
  const { metadata } = inference
  if (!metadata.finalizers?.includes(finalizer)) return undefined
  const late = clock.date().getTime() - Date.parse(metadata.deletionTimestamp ?? '') > timeoutMs
  for (const kind of before) {
    if (!(await api.serves(kind, signal))) continue
    const ref = { kind, namespace: metadata.namespace, name: metadata.name }
    const found = await api.get(ref, signal)
    if (!found || !owned(found, inference)) continue
    const { uid } = found.metadata
    if (uid && !found.metadata.deletionTimestamp) await api.delete(ref, { uid }, signal)
    if (!late && (await api.get(ref, signal))) return { again: lookAgainMs }
    if (!late) continue
    await events.tell(inference, {
      type: 'Warning',
      reason: 'FinalizeTimeout',
      action: 'Finalize',
      note: `${kind} '${metadata.name}' did not go within ${timeoutMs / 1_000} s; the resource goes without it.`,
    })
  }
  // Its owner references stay: the collector takes what is left.
  inferenceOf(await api.apply(bare(inference, []), { manager: finalizerManager }, signal))
  return undefined
}
