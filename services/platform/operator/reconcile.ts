import type { InferenceRegion } from '../../../policies/model/inference-region.ts'
import { mlInference } from '../../../policies/model/ml-inference.ts'
import type { Api } from './api/client.ts'
import type { Clock } from './api/clock.ts'
import { ApiError } from './api/errors.ts'
import type { Events } from './api/events.ts'
import { type KubeObject, keyOf, parseKey, refOf } from './api/object.ts'
import { desired, meshKinds } from './desired/desired.ts'
import { initialWeights, weightsOf } from './desired/mesh.ts'
import { manager, owned, subsetName } from './desired/names.ts'
import { finalize, finalizer, withFinalizer } from './finalize.ts'
import { type Inference, inferenceOf } from './inference.ts'
import { leftovers } from './leftovers.ts'
import type { PlanOf } from './plan.ts'
import type { Outcome } from './queue.ts'
import { alreadySaid, type OwnStatus, ownStatus, refusedStatus, rolledOut } from './status.ts'

export interface ReconcileOptions {
  /** Writes only while this process leads. */
  readonly api: Api
  readonly region: InferenceRegion
  readonly clock: Clock
  readonly events: Pick<Events, 'tell'>
  /** What the informers know of a namespace's objects that this operator made. */
  readonly made: (namespace: string, name: string) => readonly KubeObject[]
  readonly planOf: PlanOf
  /** What comes after: the canary controller's own work on the same resource. */
  readonly after?: (inference: Inference, signal: AbortSignal) => Promise<Outcome>
}

/** An object of this name is there, and somebody else made it: to overwrite it would be no answer. */
class ForeignObjectError extends Error {
  readonly code = 'FOREIGN_OBJECT'
}

/** While something is on its way, changes of it wake the operator; this is only for what nobody tells. */
const lookAgainMs = 30_000

/**
 * Brings the world of one resource to what it says. Reads it anew, so that nothing hangs on what an earlier run knew; every step is an
 * apply or a conditional delete, so that it may end anywhere and begin again. Throws what the API throws: the queue tries again.
 */
export async function reconcile(options: ReconcileOptions, key: string, signal: AbortSignal): Promise<Outcome> {
  const { api } = options
  const found = await api.get({ kind: 'MLInference', ...parseKey(key) }, signal)
  // Its objects have it as their owner: the API server's collector takes them away.
  if (!found) return undefined
  if (found.metadata.deletionTimestamp) return finalize(options, inferenceOf(found), signal)
  const inference = inferenceOf(await withFinalizer(api, found, signal))
  try {
    const stands = await make(options, inference, signal)
    const after = await options.after?.(stands.inference, signal)
    const again = [after?.again, stands.moving ? lookAgainMs : undefined].filter((ms) => ms !== undefined)
    return again.length > 0 ? { again: Math.min(...again) } : undefined
  } catch (error) {
    await explain(options, inference, error, signal)
    throw error
  }
}

/** Makes every object and says so. `moving`: pods are on their way. */
async function make(options: ReconcileOptions, inference: Inference, signal: AbortSignal) {
  const { api, region, clock, planOf } = options
  const { name } = inference.metadata
  const plan = planOf(inference)
  const [mesh, keda] = await Promise.all([api.serves('VirtualService', signal), api.serves('ScaledObject', signal)])
  const ref = { kind: 'VirtualService', namespace: inference.metadata.namespace, name } as const
  const route = mesh ? await api.get(ref, signal) : undefined
  const weights = route ? weightsOf(route) : initialWeights
  const { objects, said } = desired(inference, region, { plan, serves: { mesh, keda }, weights })
  const applied = new Map<string, KubeObject>()
  for (const object of objects) {
    const before = object.kind === 'VirtualService' ? route : await api.get(refOf(object), signal)
    applied.set(`${object.kind} ${keyOf(object)}`, await applyOne(api, inference, object, before, signal))
  }
  const made = options.made(inference.metadata.namespace, name)
  await leftovers({ api, inference, wanted: objects, made, signal })
  const of = (subset: 'stable' | 'canary') =>
    applied.get(`Deployment ${inference.metadata.namespace}/${subsetName(name, subset)}`)
  const deployments = { stable: of('stable'), canary: plan.canary ? of('canary') : undefined }
  const status = ownStatus({ inference, region, plan, deployments, said, now: clock.date() })
  const stands = await sayStatus(options, inference, status, signal)
  const moving = [deployments.stable, deployments.canary].some((one) => one !== undefined && !rolledOut(one))
  return { inference: stands, moving }
}

/**
 * Applies one object under the operator's own field manager. What another has with another value is a conflict, but in objects where
 * another is meant to write too: the route, whose weights go in as they were read, on the version that was read.
 */
async function applyOne(
  api: Api,
  inference: Inference,
  object: KubeObject,
  before: KubeObject | undefined,
  signal: AbortSignal,
): Promise<KubeObject> {
  if (before && !owned(before, inference))
    throw new ForeignObjectError(
      `${object.kind} '${object.metadata.name}' exists and is not this resource's: rename the resource, or delete that object.`,
    )
  const shared = (meshKinds as readonly string[]).includes(object.kind)
  // Bound to what was seen: a delayed write of a former leader is refused once another has written.
  const seen = before
    ? { uid: before.metadata.uid, ...(shared ? { resourceVersion: before.metadata.resourceVersion } : {}) }
    : {}
  const metadata = { ...object.metadata, ...(seen as Partial<KubeObject['metadata']>) }
  return api.apply({ ...object, metadata }, { manager, force: true }, signal)
}

/** Writes the operator's part of the status when it is news, on the version of the resource that it is about. */
async function sayStatus(
  { api }: ReconcileOptions,
  inference: Inference,
  status: OwnStatus,
  signal: AbortSignal,
): Promise<Inference> {
  if (alreadySaid(inference, status)) return inference
  const { name, namespace, uid, resourceVersion } = inference.metadata
  const object: KubeObject = {
    apiVersion: `${mlInference.group}/${mlInference.version}`,
    kind: mlInference.kind,
    metadata: { name, namespace, uid, ...(resourceVersion ? { resourceVersion } : {}) },
    status,
  }
  return inferenceOf(await api.apply(object, { manager, force: true, subresource: 'status' }, signal))
}

/** What a refusal means to whoever looks at the resource. Failures that pass are told by the metrics alone. */
async function explain(
  options: ReconcileOptions,
  inference: Inference,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  const foreign = error instanceof ForeignObjectError
  const refused = error instanceof ApiError && (error.status === 403 || error.status === 422 || error.status === 400)
  if (!foreign && !refused) return
  const note = error.message
  const reason = foreign ? 'ForeignObject' : 'Refused'
  const said = { status: 'False', reason, message: note.slice(0, 1_000) } as const
  await sayStatus(options, inference, refusedStatus(inference, said, options.clock.date()), signal).catch(
    () => inference,
  )
  await options.events.tell(inference, { type: 'Warning', reason, action: 'Reconcile', note })
}

export { finalizer }
