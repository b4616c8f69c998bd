import struct from 'google-protobuf/google/protobuf/struct_pb.js'

/** A JSON value as the engine sends it, after its markers for secrets, outputs and unknowns have been taken off. */
export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

/** One step into an object (a key) or an array (an index). */
export type Path = readonly (string | number)[]

/** Plain values, and where in them the engine's markers were. */
export interface Properties {
  readonly value: JsonObject
  /** What the program, or an earlier output, called secret. */
  readonly secrets: readonly Path[]
  /** What is known only after another resource exists. The value there is `unknown`. */
  readonly unknowns: readonly Path[]
}

// The engine's wire markers: sdk/go/common/resource/sig and plugin/rpc.go of pulumi/pulumi.
const signature = '4dabf18193072939515e22adb298388d'
const secretSignature = '1b47061264138c4ac30d75fd1eb44270'
const outputSignature = 'd0e6a833031e9bbcd3f4e8bde6ca49a4'
const resourceSignature = '5cf8f73096256a8f31e491e813e4eb8e'
/** The marker of a value that is known only later. */
export const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9'
const unknowns: ReadonlySet<string> = new Set([
  unknown,
  '1c4a061d-8072-4f0a-a4cb-0ff528b18fe7',
  '3eeb2bf0-c639-47a8-9e75-3b44932eb421',
  '6a19a0b0-7e62-4c92-b797-7f8e31da9cc2',
  '030794c1-ac77-496b-92df-f27374a8bd58',
  'e48ece36-62e2-4504-bad9-02848725956a',
  'dd056dcd-154b-4c76-9bd3-c8f88648b5ff',
])

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Takes the markers off a message. An absent message is an empty object. Assets have no place in a Kubernetes object: they throw. */
export function decode(message: struct.Struct | undefined): Properties {
  const secrets: Path[] = []
  const missing: Path[] = []
  const walk = (value: Json, path: Path): Json => {
    if (typeof value === 'string' && unknowns.has(value)) {
      missing.push(path)
      return unknown
    }
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]))
    if (!isObject(value)) return value
    const mark = value[signature]
    if (mark === secretSignature || (mark === outputSignature && value.secret === true)) secrets.push(path)
    if (mark === outputSignature && value.value === undefined) {
      missing.push(path)
      return unknown
    }
    if (mark === secretSignature || mark === outputSignature) return walk(value.value ?? null, path)
    if (mark === resourceSignature) return walk(value.id ?? value.urn ?? null, path)
    if (mark !== undefined)
      throw new Error(`${path.join('.')} is an asset or an archive; a Kubernetes object holds values only.`)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]))
  }
  const value = walk((message?.toJavaScript() ?? {}) as JsonObject, []) as JsonObject
  return { value, secrets, unknowns: missing }
}

/** The engine's message of plain values. `secrets` are wrapped where they exist in the value; undefined keys are dropped. */
export function encode(value: JsonObject, secrets: readonly Path[] = []): struct.Struct {
  let marked: Json = clone(value)
  // The outermost marker is enough, and a marker inside another one would be found at the wrong path.
  for (const path of outermost(secrets)) marked = mark(marked, path)
  return struct.Struct.fromJavaScript(marked as Parameters<typeof struct.Struct.fromJavaScript>[0])
}

function mark(value: Json, path: Path): Json {
  const [step, ...rest] = path
  if (step === undefined) return { [signature]: secretSignature, value }
  if (Array.isArray(value) && typeof step === 'number' && value[step] !== undefined)
    return value.map((item, index) => (index === step ? mark(item, rest) : item))
  if (isObject(value) && typeof step === 'string' && value[step] !== undefined)
    return { ...value, [step]: mark(value[step], rest) }
  return value
}

/** The paths of which no other path is a beginning. */
export const outermost = (paths: readonly Path[]): Path[] =>
  paths.filter(
    (path, index) =>
      !paths.some(
        (other, at) =>
          (other.length < path.length || (other.length === path.length && at < index)) && begins(path, other),
      ),
  )

/** Whether `path` is `start` or lies below it. */
export const begins = (path: Path, start: Path): boolean =>
  start.length <= path.length && start.every((step, index) => step === path[index])

/** A deep copy without undefined values. */
export const clone = <T extends Json>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** The value at a path, or undefined. */
export function at(value: Json | undefined, path: Path): Json | undefined {
  let here: Json | undefined = value
  for (const step of path) {
    if (Array.isArray(here) && typeof step === 'number') here = here[step]
    else if (isObject(here) && typeof step === 'string' && Object.hasOwn(here, step)) here = here[step]
    else return undefined
  }
  return here
}

/** Sets (or, with undefined, deletes) the value at a path, in place. Missing parents are made for keys, not for indices. */
export function put(value: JsonObject, path: Path, item: Json | undefined): void {
  const last = path.at(-1)
  let parent: Json | undefined = value
  for (const step of path.slice(0, -1)) {
    if (isObject(parent) && typeof step === 'string') {
      if (parent[step] === undefined) {
        if (item === undefined) return
        parent[step] = {}
      }
      parent = parent[step]
    } else if (Array.isArray(parent) && typeof step === 'number') parent = parent[step]
    else return
  }
  if (isObject(parent) && typeof last === 'string') {
    if (item === undefined) delete parent[last]
    else parent[last] = item
  } else if (Array.isArray(parent) && typeof last === 'number' && last < parent.length && item !== undefined)
    parent[last] = item
}

/** A path as the engine and people write it: `spec.containers[0].env["a.b"]`. */
export const format = (path: Path): string =>
  path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`
      if (/^[A-Za-z_$][\w$-]*$/.test(step)) return index === 0 ? step : `.${step}`
      return `["${step.replaceAll('"', '\\"')}"]`
    })
    .join('')

/** The inverse of `format`; `*` in brackets is a wildcard and stays the string '*'. Throws on a path that is not one. */
export function parse(text: string): Path {
  const path: (string | number)[] = []
  const token = /\[(\d+)\]|\[(\*)\]|\["((?:[^"\\]|\\.)*)"\]|\.?([^.[\]]+)/y
  while (token.lastIndex < text.length) {
    const start = token.lastIndex
    const match = token.exec(text)
    if (!match) throw new Error(`'${text}' is not a property path (at character ${start + 1}).`)
    if (match[1] !== undefined) path.push(Number(match[1]))
    else path.push(match[2] ?? match[3]?.replaceAll('\\"', '"') ?? (match[4] as string))
  }
  return path
}
