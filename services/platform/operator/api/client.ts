import { ApiError, isMissing } from './errors.ts'
import { collection, type KindName, type KubeObject, kinds, pathOf, type Ref, refOf } from './object.ts'
import type { Request, Transport } from './transport.ts'

/** How an object is applied. */
export interface ApplyOptions {
  /** Whose fields these are. */
  readonly manager: string
  /** Takes fields over from other managers. Default: no, and a field that another has with another value is a conflict. */
  readonly force?: boolean
  readonly subresource?: 'status'
}

export interface JsonPatch {
  readonly op: 'test' | 'replace' | 'add' | 'remove'
  readonly path: string
  readonly value?: unknown
}

export interface PatchOptions {
  /** Whose fields these become. */
  readonly manager: string
  readonly subresource?: 'status'
}

/** What the object must still be when it is deleted. */
export interface DeleteOptions {
  readonly uid: string
  readonly resourceVersion?: string
}

export interface Page {
  readonly items: readonly KubeObject[]
  readonly resourceVersion: string
  readonly continue: string | undefined
}

/** One API server. All throw ApiError for a refusal and UnreachableError for no answer; a `signal` ends a call with its reason. */
export interface Api {
  /** Undefined: there is none. */
  get(ref: Ref, signal?: AbortSignal): Promise<KubeObject | undefined>
  list(kind: KindName, namespace: string, query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Page>
  /** Lines of a watch, as the server writes them. */
  watch(
    kind: KindName,
    namespace: string,
    query: Readonly<Record<string, string>>,
    options: { readonly signal: AbortSignal; readonly silenceMs: number },
  ): AsyncIterable<string>
  /** Server-side apply. `metadata.uid` and `metadata.resourceVersion`, where they are given, must still be true. */
  apply(object: KubeObject, options: ApplyOptions, signal?: AbortSignal): Promise<KubeObject>
  create(object: KubeObject, signal?: AbortSignal): Promise<KubeObject>
  /** Needs `metadata.resourceVersion`: nobody wrote since. */
  replace(object: KubeObject, signal?: AbortSignal): Promise<KubeObject>
  patch(ref: Ref, patch: readonly JsonPatch[], options: PatchOptions, signal?: AbortSignal): Promise<KubeObject>
  /** One that is not there is no error. */
  delete(ref: Ref, options: DeleteOptions, signal?: AbortSignal): Promise<void>
  /** Whether the server knows a kind now: a definition may come and go. */
  serves(kind: KindName, signal?: AbortSignal): Promise<boolean>
}

/**
 * The server gives a write up after so long as well, so that one whose answer was lost does not land much later.
 * Less than what lies between the end of a leader's right to write and the beginning of the next one's: see lease.ts.
 */
export const writeTimeoutMs = 4_000

export class Client implements Api {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  async get(ref: Ref, signal?: AbortSignal): Promise<KubeObject | undefined> {
    try {
      return (await this.#transport.send(withSignal({ method: 'GET', path: pathOf(ref) }, signal))) as KubeObject
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  async list(
    kind: KindName,
    namespace: string,
    query: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<Page> {
    const path = collection(kind, namespace)
    const answer = (await this.#transport.send(withSignal({ method: 'GET', path, query }, signal))) as {
      readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
      readonly items?: readonly KubeObject[]
    }
    // Items of a list come without their kind.
    const items = (answer.items ?? []).map((item) => ({ ...item, apiVersion: kinds[kind].apiVersion, kind }))
    const { resourceVersion = '', continue: more } = answer.metadata ?? {}
    return { items, resourceVersion, continue: more || undefined }
  }

  watch(
    kind: KindName,
    namespace: string,
    query: Readonly<Record<string, string>>,
    { signal, silenceMs }: { readonly signal: AbortSignal; readonly silenceMs: number },
  ): AsyncIterable<string> {
    const path = collection(kind, namespace)
    return this.#transport.stream({
      method: 'GET',
      path,
      query: { ...query, watch: 'true' },
      signal,
      timeoutMs: silenceMs,
    })
  }

  apply(object: KubeObject, { manager, force, subresource }: ApplyOptions, signal?: AbortSignal): Promise<KubeObject> {
    return this.#write(
      {
        method: 'PATCH',
        path: pathOf(refOf(object), subresource),
        query: { fieldManager: manager, fieldValidation: 'Strict', ...(force ? { force: 'true' } : {}) },
        contentType: 'application/apply-patch+yaml',
        body: object,
      },
      signal,
    )
  }

  create(object: KubeObject, signal?: AbortSignal): Promise<KubeObject> {
    const { kind, namespace } = refOf(object)
    return this.#write({ method: 'POST', path: collection(kind, namespace), body: object }, signal)
  }

  replace(object: KubeObject, signal?: AbortSignal): Promise<KubeObject> {
    return this.#write({ method: 'PUT', path: pathOf(refOf(object)), body: object }, signal)
  }

  patch(
    ref: Ref,
    body: readonly JsonPatch[],
    { manager, subresource }: PatchOptions,
    signal?: AbortSignal,
  ): Promise<KubeObject> {
    return this.#write(
      {
        method: 'PATCH',
        path: pathOf(ref, subresource),
        query: { fieldManager: manager },
        contentType: 'application/json-patch+json',
        body,
      },
      signal,
    )
  }

  async delete(ref: Ref, preconditions: DeleteOptions, signal?: AbortSignal): Promise<void> {
    try {
      const body = { preconditions, propagationPolicy: 'Background' }
      await this.#write({ method: 'DELETE', path: pathOf(ref), body }, signal)
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }

  async serves(kind: KindName, signal?: AbortSignal): Promise<boolean> {
    const { apiVersion } = kinds[kind]
    try {
      const path = `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}`
      const answer = (await this.#transport.send(withSignal({ method: 'GET', path }, signal))) as {
        readonly resources?: readonly { readonly kind: string }[]
      }
      return (answer.resources ?? []).some((resource) => resource.kind === kind)
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return false
      throw error
    }
  }

  async #write(call: Request, signal?: AbortSignal): Promise<KubeObject> {
    const query = { ...call.query, timeout: `${writeTimeoutMs / 1_000}s` }
    return (await this.#transport.send(withSignal({ ...call, query, timeoutMs: writeTimeoutMs }, signal))) as KubeObject
  }
}

const withSignal = (call: Request, signal: AbortSignal | undefined): Request => (signal ? { ...call, signal } : call)
