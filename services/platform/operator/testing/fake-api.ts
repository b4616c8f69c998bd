import { isDeepStrictEqual } from 'node:util'
import type { Api, ApplyOptions, DeleteOptions, JsonPatch, Page, PatchOptions } from '../api/client.ts'
import { ApiError } from '../api/errors.ts'
import { type KindName, type KubeObject, pathOf, type Ref, refOf } from '../api/object.ts'
import { applyMerge } from './merge.ts'

/** One call, as a fault sees it: 'apply Deployment a/b'. */
export interface Call {
  readonly verb: 'get' | 'list' | 'watch' | 'apply' | 'create' | 'replace' | 'patch' | 'delete' | 'serves'
  readonly kind: KindName
  readonly name: string
  readonly manager?: string
}

interface Watcher {
  readonly kind: KindName
  readonly selector: string | undefined
  push(line: string | undefined): void
}

interface Change {
  readonly version: number
  readonly kind: KindName
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
}

const clone = <T>(value: T): T => structuredClone(value)

/**
 * An API server in memory, as far as the operator speaks with it: versions and conflicts, generations, server-side apply with owners,
 * finalizers, the collector of what has lost its owner, watches with bookmarks and expired versions. `before` and `after` each call may throw.
 */
export class FakeApi implements Api {
  readonly #objects = new Map<string, KubeObject>()
  /** path → manager → what it applied last. */
  readonly #applied = new Map<string, Map<string, KubeObject>>()
  readonly #watchers = new Set<Watcher>()
  #changes: Change[] = []
  #version = 100
  #uid = 0
  /** Versions below it are forgotten. */
  #oldest = 0
  readonly missing = new Set<KindName>()
  readonly calls: Call[] = []
  before: (call: Call) => void = () => {}
  after: (call: Call) => void = () => {}

  all(): readonly KubeObject[] {
    return [...this.#objects.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => clone(object))
  }

  /** Forgets every change so far, as etcd's compaction does. */
  compact(): void {
    this.#oldest = this.#version
    this.#changes = []
  }

  /** Ends all watches, or tells them an error first. */
  cut(error?: { readonly code: number; readonly reason: string }): void {
    for (const watcher of [...this.#watchers]) {
      if (error)
        watcher.push(
          JSON.stringify({ type: 'ERROR', object: { kind: 'Status', metadata: {}, ...error, message: error.reason } }),
        )
      watcher.push(undefined)
    }
  }

  get watches(): number {
    return this.#watchers.size
  }

  bookmark(): void {
    for (const watcher of this.#watchers)
      watcher.push(
        JSON.stringify({
          type: 'BOOKMARK',
          object: { kind: watcher.kind, metadata: { name: '', resourceVersion: `${this.#version}` } },
        }),
      )
  }

  async get(ref: Ref): Promise<KubeObject | undefined> {
    return this.#call({ verb: 'get', kind: ref.kind, name: ref.name }, () => clone(this.#objects.get(pathOf(ref))))
  }

  async list(kind: KindName, namespace: string, query: Readonly<Record<string, string>>): Promise<Page> {
    return this.#call({ verb: 'list', kind, name: '' }, () => {
      const items = [...this.#objects.values()].filter(
        (object) =>
          object.kind === kind && object.metadata.namespace === namespace && matches(object, query.labelSelector),
      )
      return { items: clone(items), resourceVersion: `${this.#version}`, continue: undefined }
    })
  }

  async *watch(
    kind: KindName,
    _namespace: string,
    query: Readonly<Record<string, string>>,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncIterable<string> {
    const from = Number(query.resourceVersion)
    await this.#call({ verb: 'watch', kind, name: '' }, () => {
      if (from < this.#oldest) throw refusal(410, 'Expired', 'too old resource version')
    })
    const lines: (string | undefined)[] = this.#changes
      .filter((change) => change.kind === kind && change.version > from && matches(change.object, query.labelSelector))
      .map(({ type, object }) => JSON.stringify({ type, object }))
    let wake = () => {}
    const watcher: Watcher = {
      kind,
      selector: query.labelSelector,
      push: (line) => {
        lines.push(line)
        wake()
      },
    }
    this.#watchers.add(watcher)
    const stop = () => watcher.push(undefined)
    signal.addEventListener('abort', stop, { once: true })
    try {
      for (;;) {
        while (lines.length > 0) {
          const line = lines.shift()
          if (line === undefined) return
          yield line
        }
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    } finally {
      signal.removeEventListener('abort', stop)
      this.#watchers.delete(watcher)
    }
  }

  async apply(object: KubeObject, { manager, subresource }: ApplyOptions, _signal?: AbortSignal): Promise<KubeObject> {
    const ref = refOf(object)
    return this.#call({ verb: 'apply', kind: ref.kind, name: ref.name, manager }, () => {
      const path = pathOf(ref)
      const live = this.#objects.get(path)
      this.#precondition(live, object)
      if (!live && subresource) throw refusal(404, 'NotFound', `${ref.kind} "${ref.name}" not found`)
      const { uid: _, resourceVersion: __, ...metadata } = object.metadata
      const wanted = { ...object, metadata } as KubeObject
      const field = `${manager}/${subresource ?? ''}`
      const managers = this.#applied.get(path) ?? new Map<string, KubeObject>()
      const before = managers.get(field)
      const merged = applyMerge(live ?? {}, before, wanted) as KubeObject
      managers.set(field, clone(wanted))
      this.#applied.set(path, managers)
      return this.#put(path, merged)
    })
  }

  async create(object: KubeObject): Promise<KubeObject> {
    const ref = refOf(object)
    return this.#call({ verb: 'create', kind: ref.kind, name: ref.name }, () => {
      if (this.#objects.has(pathOf(ref)))
        throw refusal(409, 'AlreadyExists', `${ref.kind} "${ref.name}" already exists`)
      return this.#put(pathOf(ref), object)
    })
  }

  async replace(object: KubeObject): Promise<KubeObject> {
    const ref = refOf(object)
    return this.#call({ verb: 'replace', kind: ref.kind, name: ref.name }, () => {
      const live = this.#objects.get(pathOf(ref))
      if (!live) throw refusal(404, 'NotFound', `${ref.kind} "${ref.name}" not found`)
      this.#precondition(live, object)
      return this.#put(pathOf(ref), object)
    })
  }

  async patch(ref: Ref, patch: readonly JsonPatch[], { manager }: PatchOptions): Promise<KubeObject> {
    return this.#call({ verb: 'patch', kind: ref.kind, name: ref.name, manager }, () => {
      const live = this.#objects.get(pathOf(ref))
      if (!live) throw refusal(404, 'NotFound', `${ref.kind} "${ref.name}" not found`)
      const copy = clone(live)
      for (const step of patch) jsonPatch(copy as unknown as Record<string, unknown>, step)
      return this.#put(pathOf(ref), copy)
    })
  }

  async delete(ref: Ref, { uid, resourceVersion }: DeleteOptions): Promise<void> {
    await this.#call({ verb: 'delete', kind: ref.kind, name: ref.name }, () => {
      const live = this.#objects.get(pathOf(ref))
      if (!live) return
      if (live.metadata.uid !== uid || (resourceVersion && live.metadata.resourceVersion !== resourceVersion))
        throw refusal(409, 'Conflict', 'the object has been modified')
      if ((live.metadata.finalizers ?? []).length === 0) this.#remove(pathOf(ref), live)
      else if (!live.metadata.deletionTimestamp)
        this.#put(pathOf(ref), { ...live, metadata: { ...live.metadata, deletionTimestamp: new Date().toISOString() } })
    })
  }

  async serves(kind: KindName): Promise<boolean> {
    return this.#call({ verb: 'serves', kind, name: '' }, () => !this.missing.has(kind), true)
  }

  async #call<T>(call: Call, work: () => T, always = false): Promise<T> {
    await Promise.resolve()
    this.calls.push(call)
    this.before(call)
    if (!always && this.missing.has(call.kind)) throw refusal(404, 'NotFound', 'the server could not find the resource')
    const answer = work()
    this.after(call)
    return answer
  }

  #precondition(live: KubeObject | undefined, { metadata }: KubeObject): void {
    const { uid, resourceVersion } = metadata
    const other = (wanted: string | undefined, is: string | undefined) => wanted !== undefined && wanted !== is
    if (other(uid, live?.metadata.uid) || other(resourceVersion, live?.metadata.resourceVersion))
      throw refusal(409, 'Conflict', 'the object has been modified')
  }

  #put(path: string, object: KubeObject): KubeObject {
    const live = this.#objects.get(path)
    const { resourceVersion: _, ...metadata } = object.metadata
    const same =
      live &&
      isDeepStrictEqual(
        { ...live, metadata: { ...live.metadata, resourceVersion: '' } },
        {
          ...object,
          metadata: { ...metadata, resourceVersion: '', uid: live.metadata.uid, generation: live.metadata.generation },
        },
      )
    if (live && same) return clone(live)
    const generation = (live?.metadata.generation ?? 0) + Number(!isDeepStrictEqual(live?.spec, object.spec) || !live)
    const uid = live?.metadata.uid ?? `uid-${++this.#uid}`
    const put = {
      ...clone(object),
      metadata: { ...clone(metadata), uid, generation, resourceVersion: `${++this.#version}` },
    } as KubeObject
    if (put.metadata.deletionTimestamp && (put.metadata.finalizers ?? []).length === 0) {
      this.#remove(path, put)
      return put
    }
    this.#objects.set(path, put)
    this.#tell(live ? 'MODIFIED' : 'ADDED', put)
    return clone(put)
  }

  #remove(path: string, object: KubeObject): void {
    this.#objects.delete(path)
    this.#applied.delete(path)
    this.#tell('DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: `${++this.#version}` } })
    for (const [other, owned] of [...this.#objects])
      if (owned.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid)) this.#remove(other, owned)
  }

  #tell(type: Change['type'], object: KubeObject): void {
    const kind = object.kind as KindName
    this.#changes.push({ version: this.#version, kind, type, object: clone(object) })
    for (const watcher of this.#watchers)
      if (watcher.kind === kind && matches(object, watcher.selector)) watcher.push(JSON.stringify({ type, object }))
  }
}

const refusal = (status: number, reason: string, message: string): ApiError => new ApiError(status, { reason, message })

function matches({ metadata }: KubeObject, selector: string | undefined): boolean {
  return (selector?.split(',') ?? []).every((part) => {
    const [name = '', value] = part.split('=')
    const is = metadata.labels?.[name]
    return value === undefined ? is !== undefined : is === value
  })
}

function jsonPatch(object: Record<string, unknown>, { op, path, value }: JsonPatch): void {
  const steps = path.split('/').slice(1)
  const last = steps.pop() ?? ''
  let at = object as Record<string, unknown>
  for (const step of steps) at = at[step] as Record<string, unknown>
  if (op === 'test') {
    if (!isDeepStrictEqual(at[last], value)) throw refusal(422, 'Invalid', `testing ${path} value failed`)
  } else if (op === 'remove') delete at[last]
  else at[last] = value
}
