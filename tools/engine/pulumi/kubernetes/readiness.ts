import type { Kind } from './kind.ts'
import { at, isObject, type Json, type JsonObject } from './wire.ts'

/** How far a live object is. `failed` is for good: waiting longer cannot help. */
export type Readiness =
  | { readonly state: 'ready' }
  | { readonly state: 'waiting'; readonly why: string }
  | { readonly state: 'failed'; readonly why: string }

const ready: Readiness = { state: 'ready' }
const waiting = (why: string): Readiness => ({ state: 'waiting', why })
const failed = (why: string): Readiness => ({ state: 'failed', why })

const number = (object: JsonObject, ...path: string[]): number => Number(at(object, path) ?? 0)
const text = (object: JsonObject, ...path: string[]): string => String(at(object, path) ?? '')
const list = (object: JsonObject, ...path: string[]): Json[] => {
  const found = at(object, path)
  return Array.isArray(found) ? found : []
}

/** One of an object's conditions, by its type. */
export function condition(object: JsonObject, type: string): JsonObject | undefined {
  return list(object, 'status', 'conditions')
    .filter(isObject)
    .find((item) => item.type === type)
}

const isTrue = (object: JsonObject, type: string): boolean => condition(object, type)?.status === 'True'
const replicas = (object: JsonObject): number => Number(at(object, ['spec', 'replicas']) ?? 1)
const seen = (object: JsonObject): boolean =>
  number(object, 'status', 'observedGeneration') >= number(object, 'metadata', 'generation')
const unseen = waiting('its controller has not seen the change yet')

function deployment(object: JsonObject): Readiness {
  if (!seen(object)) return unseen
  const progressing = condition(object, 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded')
    return failed(String(progressing.message ?? 'it makes no progress'))
  const wanted = replicas(object)
  const updated = number(object, 'status', 'updatedReplicas')
  const available = number(object, 'status', 'availableReplicas')
  const all = number(object, 'status', 'replicas')
  if (updated < wanted) {
    const refused = condition(object, 'ReplicaFailure')
    const why = refused?.status === 'True' ? `: ${refused.message}` : ''
    return waiting(`${updated} of ${wanted} pods are made${why}`)
  }
  if (all > updated) return waiting(`${all - updated} old pods have still to go`)
  return available < wanted ? waiting(`${available} of ${wanted} pods are available`) : ready
}

function statefulSet(object: JsonObject): Readiness {
  if (!seen(object)) return unseen
  const wanted = replicas(object)
  const readyReplicas = number(object, 'status', 'readyReplicas')
  if (readyReplicas < wanted) return waiting(`${readyReplicas} of ${wanted} pods are ready`)
  const byHand = text(object, 'spec', 'updateStrategy', 'type') === 'OnDelete'
  const partition = number(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition')
  const updated = number(object, 'status', 'updatedReplicas')
  const settled = text(object, 'status', 'currentRevision') === text(object, 'status', 'updateRevision')
  if (!byHand && !settled && updated < wanted - partition) return waiting(`${updated} of ${wanted} pods are updated`)
  return ready
}

function daemonSet(object: JsonObject): Readiness {
  if (!seen(object)) return unseen
  const wanted = number(object, 'status', 'desiredNumberScheduled')
  const updated = number(object, 'status', 'updatedNumberScheduled')
  const available = number(object, 'status', 'numberAvailable')
  if (text(object, 'spec', 'updateStrategy', 'type') !== 'OnDelete' && updated < wanted)
    return waiting(`${updated} of ${wanted} pods are updated`)
  return available < wanted ? waiting(`${available} of ${wanted} pods are available`) : ready
}

function job(object: JsonObject): Readiness {
  if (isTrue(object, 'Complete') || at(object, ['spec', 'suspend']) === true) return ready
  const failure = condition(object, 'Failed')
  if (failure?.status === 'True') return failed(`${failure.reason ?? 'Failed'}: ${failure.message ?? ''}`)
  return waiting(
    `${number(object, 'status', 'succeeded')} of ${Number(at(object, ['spec', 'completions']) ?? 1)} completions` +
      `, ${number(object, 'status', 'failed')} failed so far`,
  )
}

function pod(object: JsonObject): Readiness {
  const phase = text(object, 'status', 'phase')
  if (phase === 'Succeeded' || isTrue(object, 'Ready')) return ready
  if (phase === 'Failed') return failed(text(object, 'status', 'message') || 'the pod failed')
  return waiting(`the pod is ${phase || 'not scheduled'}`)
}

function persistentVolumeClaim(object: JsonObject): Readiness {
  const phase = text(object, 'status', 'phase')
  if (phase === 'Bound') return ready
  return phase === 'Lost' ? failed('its volume is lost') : waiting('no volume is bound to it yet')
}

function customResourceDefinition(object: JsonObject): Readiness {
  if (isTrue(object, 'Established')) return ready
  const accepted = condition(object, 'NamesAccepted')
  if (accepted?.status === 'False') return failed(String(accepted.message ?? 'its names are taken'))
  return waiting('the API server does not serve it yet')
}

const predicates: Readonly<Record<string, (object: JsonObject) => Readiness>> = {
  'apps/Deployment': deployment,
  'apps/ReplicaSet': (object) => {
    if (!seen(object)) return unseen
    const available = number(object, 'status', 'availableReplicas')
    return available < replicas(object) ? waiting(`${available} of ${replicas(object)} pods are available`) : ready
  },
  'apps/StatefulSet': statefulSet,
  'apps/DaemonSet': daemonSet,
  'batch/Job': job,
  '/Pod': pod,
  '/Namespace': (object) => (text(object, 'status', 'phase') === 'Terminating' ? failed('it is being deleted') : ready),
  '/PersistentVolumeClaim': persistentVolumeClaim,
  '/PersistentVolume': (object) => {
    const phase = text(object, 'status', 'phase')
    if (phase === 'Available' || phase === 'Bound') return ready
    return phase === 'Failed' ? failed(text(object, 'status', 'message')) : waiting(`the volume is ${phase || 'new'}`)
  },
  'apiextensions.k8s.io/CustomResourceDefinition': customResourceDefinition,
  'apiregistration.k8s.io/APIService': (object) =>
    isTrue(object, 'Available')
      ? ready
      : waiting(String(condition(object, 'Available')?.message ?? 'it does not answer yet')),
}

const key = ({ apiVersion, kind }: Kind): string =>
  `${apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''}/${kind}`

/** Judges a live object by itself. A kind without a rule is ready as soon as it exists. */
export const readiness = (kind: Kind, object: JsonObject): Readiness => predicates[key(kind)]?.(object) ?? ready

/** Whether a Service is only ready once a pod answers behind it: it selects pods, and has an address that traffic would be lost at. */
export function needsEndpoints({ apiVersion, kind }: Kind, object: JsonObject): boolean {
  if (apiVersion !== 'v1' || kind !== 'Service') return false
  const selector = at(object, ['spec', 'selector'])
  return (
    isObject(selector) &&
    Object.keys(selector).length > 0 &&
    text(object, 'spec', 'type') !== 'ExternalName' &&
    text(object, 'spec', 'clusterIP') !== 'None' &&
    at(object, ['spec', 'publishNotReadyAddresses']) !== true
  )
}

/** Judges a Service by its endpoint slices. */
export function endpoints(slices: readonly JsonObject[]): Readiness {
  const answering = slices
    .flatMap((slice) => list(slice, 'endpoints'))
    .filter((endpoint) => isObject(endpoint) && at(endpoint, ['conditions', 'ready']) !== false)
  return answering.length > 0 ? ready : waiting('no pod that it selects is ready')
}

/** Kinds whose pods are worth a look when they do not become ready. */
export const runsPods = (kind: Kind): boolean =>
  ['apps/Deployment', 'apps/ReplicaSet', 'apps/StatefulSet', 'apps/DaemonSet', 'batch/Job', '/Pod'].includes(key(kind))
