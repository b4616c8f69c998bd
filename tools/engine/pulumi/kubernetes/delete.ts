import type { Cluster } from './cluster.ts'
import { isMissing, pause } from './connection.ts'
import type { Kind } from './kind.ts'
import { annotation, describe, nameOfId } from './object.ts'
import { condition } from './readiness.ts'
import { at, isObject, type JsonObject } from './wire.ts'

export interface Deleting {
  readonly kind: Kind
  readonly id: string
  /** Milliseconds. */
  readonly timeout: number
  readonly signal: AbortSignal
  readonly progress: (what: string) => void
}

class NotDeletedError extends Error {
  readonly code = 'NOT_DELETED'
}

/** Kinds that are gone only when what they made is gone: their pods hold volumes and addresses that come next. */
const foreground = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'])

/** Deletes an object and waits until it is gone. An object that is not there is no error. Throws NotDeletedError, ApiError. */
export async function remove(cluster: Cluster, { kind, id, timeout, signal, progress }: Deleting): Promise<void> {
  const live = await cluster.get(kind, id, signal)
  if (!live) return
  const asked = annotation(live, 'pulumi.com/deletionPropagationPolicy')
  const policy = asked ?? (foreground.has(kind.kind) ? 'foreground' : 'background')
  try {
    await cluster.connection.send({
      method: 'DELETE',
      path: await cluster.path(kind, nameOfId(id), signal),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: policy.charAt(0).toUpperCase() + policy.slice(1),
      },
      signal,
    })
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  const uid = at(live, ['metadata', 'uid'])
  const start = performance.now()
  let said = ''
  for (let delay = 50; ; delay = Math.min(delay * 1.5, 1_000)) {
    await pause(delay, signal)
    const rest = await cluster.get(kind, id, signal)
    // Someone else may have made a new one under the same name: ours is gone.
    if (!rest || at(rest, ['metadata', 'uid']) !== uid) return
    const what = holding(rest)
    if (performance.now() - start > timeout)
      throw new NotDeletedError(
        `${describe(kind, id)} is still there ${Math.round(timeout / 1_000)} s after it was deleted: ${what}`,
      )
    if (what !== said && performance.now() - start > 2_000) {
      said = what
      progress(what)
    }
  }
}

/** What keeps an object that is being deleted. */
export function holding(object: JsonObject): string {
  for (const type of [
    'NamespaceDeletionContentFailure',
    'NamespaceDeletionDiscoveryFailure',
    'NamespaceContentRemaining',
  ]) {
    const found = condition(object, type)
    if (found?.status === 'True') return String(found.message)
  }
  const finalizers = [at(object, ['metadata', 'finalizers']), at(object, ['spec', 'finalizers'])]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .filter((item) => !isObject(item))
  return finalizers.length > 0 ? `waiting for ${finalizers.join(', ')}` : 'waiting for it to end'
}
