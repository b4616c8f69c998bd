import type { Cluster } from './cluster.ts'
import { pause } from './connection.ts'
import { diagnose, podTrouble, selectorOf } from './diagnosis.ts'
import type { Kind } from './kind.ts'
import { annotation, describe, nameOfId } from './object.ts'
import { endpoints, needsEndpoints, type Readiness, readiness, runsPods } from './readiness.ts'
import { at, type JsonObject } from './wire.ts'

export interface Waiting {
  readonly kind: Kind
  readonly id: string
  /** Milliseconds; then the wait ends with what is known. */
  readonly timeout: number
  readonly signal: AbortSignal
  /** Told whenever what it waits for changes. */
  readonly progress: (what: string) => void
}

/** The object exists and is not ready in time, or never will be. `live` is what there is. */
export class NotReadyError extends Error {
  readonly code = 'NOT_READY'
  readonly live: JsonObject
  readonly reasons: readonly string[]

  constructor(live: JsonObject, reasons: readonly string[]) {
    super(reasons.join('\n'))
    this.live = live
    this.reasons = reasons
  }
}

const firstPause = 100
const longestPause = 1_000
/** The pods are looked at when nothing has happened for this long, in milliseconds. */
const patience = 5_000

/** How long a kind may take when neither the program nor an annotation says so, in milliseconds. */
export const defaultTimeout = (kind: Kind): number =>
  kind.kind === 'StatefulSet' || kind.kind === 'Job' ? 600_000 : 300_000

/** Waits until the object is ready, and answers its last state. Throws NotReadyError. */
export async function waitReady(cluster: Cluster, wait: Waiting, applied: JsonObject): Promise<JsonObject> {
  if (annotation(applied, 'pulumi.com/skipAwait') === 'true') return applied
  const { kind, id, signal } = wait
  const start = performance.now()
  let live = applied
  let said = ''
  let saidAt = start
  for (let delay = firstPause; ; delay = Math.min(delay * 1.5, longestPause)) {
    const judged = await judge(cluster, kind, id, live, signal)
    if (judged.state === 'ready') return live
    const seconds = Math.round((performance.now() - start) / 1_000)
    if (judged.state === 'failed') throw await notReady(cluster, wait, live, `failed: ${judged.why}`)
    if (performance.now() - start > wait.timeout)
      throw await notReady(cluster, wait, live, `was not ready within ${seconds} s: ${judged.why}`)
    let what = judged.why
    if (runsPods(kind) && performance.now() - saidAt > patience) {
      saidAt = performance.now()
      const trouble = await podTrouble(cluster, kind, live, signal).catch(() => undefined)
      if (trouble !== undefined) what = `${what}; ${trouble}`
    }
    if (what !== said) {
      said = what
      wait.progress(what)
    }
    try {
      await pause(delay, signal)
    } catch {
      throw new NotReadyError(live, [`${describe(kind, id)}: the wait was cancelled; ${judged.why}`])
    }
    const next = await cluster.get(kind, id, signal)
    if (!next)
      throw new NotReadyError(live, [`${describe(kind, id)} was deleted by someone else while we waited for it`])
    live = next
  }
}

async function notReady(
  cluster: Cluster,
  { kind, id }: Waiting,
  live: JsonObject,
  why: string,
): Promise<NotReadyError> {
  const found = runsPods(kind) ? await diagnose(cluster, kind, id, live) : []
  return new NotReadyError(live, [`${describe(kind, id)} ${why}`, ...found])
}

async function judge(
  cluster: Cluster,
  kind: Kind,
  id: string,
  live: JsonObject,
  signal: AbortSignal,
): Promise<Readiness> {
  if (needsEndpoints(kind, live)) {
    const { namespace, name } = nameOfId(id)
    const slices = await cluster.select(
      { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
      namespace ?? cluster.namespace,
      `kubernetes.io/service-name=${name}`,
      signal,
    )
    const judged = endpoints(slices)
    return judged.state === 'waiting' ? { state: 'waiting', why: `${judged.why} (${selectorOf(live)})` } : judged
  }
  const judged = readiness(kind, live)
  if (kind.kind === 'PersistentVolumeClaim' && judged.state === 'waiting' && (await bindsLater(cluster, live, signal)))
    return { state: 'ready' }
  return judged
}

/** Whether a claim is bound only when a pod uses it: then it cannot be waited for. */
async function bindsLater(cluster: Cluster, claim: JsonObject, signal: AbortSignal): Promise<boolean> {
  const name = at(claim, ['spec', 'storageClassName'])
  if (typeof name !== 'string' || name === '') return false
  const storageClass = await cluster.get({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }, name, signal)
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer'
}
