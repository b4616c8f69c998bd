import type { Kind } from './kind.ts'
import { at, clone, isObject, type Json, type JsonObject, type Path, put } from './wire.ts'

/** What a provider of Kubernetes objects calls an object: `namespace/name`, or `name` where the kind has no namespaces. */
export interface Name {
  readonly namespace?: string | undefined
  readonly name: string
}

export const idOf = ({ namespace, name }: Name): string => (namespace ? `${namespace}/${name}` : name)

export function nameOfId(id: string): Name {
  const slash = id.indexOf('/')
  return slash < 0 ? { name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) }
}

/** For people: `Deployment siem/web`. */
export const describe = (kind: Kind, id: string): string => `${kind.kind} ${id}`

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

export const metadataOf = (object: JsonObject): JsonObject => (isObject(object.metadata) ? object.metadata : {})

export function nameOfObject(object: JsonObject): Name {
  const { name, namespace } = metadataOf(object)
  return { name: text(name) ?? '', namespace: text(namespace) }
}

export function annotation(object: JsonObject, key: string): string | undefined {
  const { annotations } = metadataOf(object)
  return isObject(annotations) ? text(annotations[key]) : undefined
}

/** The inputs as the API server is to get them: nulls out (they would claim a field and clear it), stringData as data. */
export function manifest(kind: Kind, inputs: JsonObject): JsonObject {
  const object: JsonObject = { ...(withoutNulls(inputs) as JsonObject), ...kind }
  delete object.status
  delete object.__defaults
  if (kind.kind === 'Secret' && kind.apiVersion === 'v1' && isObject(object.stringData)) {
    const plain = Object.entries(object.stringData).map(([key, value]) => [
      key,
      Buffer.from(String(value)).toString('base64'),
    ])
    object.data = { ...(isObject(object.data) ? object.data : {}), ...Object.fromEntries(plain) }
    // The server would convert it too, but its dry run then shows a change where there is none.
    delete object.stringData
  }
  return object
}

function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(withoutNulls)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, withoutNulls(item)]),
  )
}

/** What the state keeps of a live object: all but the bookkeeping of who owns which field. */
export function outputs(live: JsonObject): JsonObject {
  const kept = clone(live)
  const metadata = metadataOf(kept)
  delete metadata.managedFields
  return kept
}

/** A live object as a program would have to write it: what the server adds to every object is taken off. For import. */
export function inputsOf(live: JsonObject): JsonObject {
  const inputs = outputs(live)
  delete inputs.status
  const metadata = metadataOf(inputs)
  for (const key of ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'selfLink', 'deletionTimestamp'])
    delete metadata[key]
  if (isObject(metadata.annotations)) {
    delete metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']
    delete metadata.annotations['deployment.kubernetes.io/revision']
    if (Object.keys(metadata.annotations).length === 0) delete metadata.annotations
  }
  return inputs
}

/** Old inputs with the live object's values at the properties that someone else changed, so that a refresh shows them. */
export function drifted(inputs: JsonObject, live: JsonObject, paths: readonly Path[]): JsonObject {
  const result = clone(inputs)
  for (const path of paths) {
    const value = at(live, path)
    if (value !== undefined) put(result, path, clone(value))
  }
  return result
}
