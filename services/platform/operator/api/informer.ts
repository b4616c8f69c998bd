import { setImmediate as breathe } from 'node:timers/promises'
import type { Log } from '../../../common/log/log.ts'
import type { Api } from './client.ts'
import { backoff, type Clock } from './clock.ts'
import { ApiError, isExpired, isMissing } from './errors.ts'
import { type KindName, type KubeObject, keyOf } from './object.ts'

/** Why a watch begins anew. */
export type Restart = 'closed' | 'expired' | 'failed' | 'missing'

export interface InformerOptions {
  readonly api: Api
  readonly kind: KindName
  readonly namespace: string
  /** Default: all. */
  readonly labelSelector?: string
  readonly clock: Clock
  readonly log: Log
  readonly random?: () => number
  /** Hears of every object that came, changed or went (`undefined`), after the store has it. Must not throw. */
  readonly changed: (key: string, now: KubeObject | undefined, before: KubeObject | undefined) => void
  readonly restarted?: (why: Restart) => void
  /** Hears of every list that is in the store: the first, and those after an 'expired' or a definition that came back. */
  readonly listed?: () => void
}

const pageSize = 500
/** A bookmark comes about every minute: after so much silence the connection is dead, whatever TCP thinks. */
const silenceMs = 150_000
/** The server ends a watch after so many seconds; from 5 to 10 minutes, so that watches of many clients do not end together. */
const watchSeconds = (random: () => number): number => 300 + Math.floor(300 * random())
const limits = { baseMs: 200, capMs: 30_000 }
/** A watch that lived so long was well: what comes next is no repeated failure. */
const settledMs = 5_000

/**
 * A copy of all objects of one kind, kept by a list and a watch. Guarantees:
 * - after `synced`, every object that existed at the list, and every later change, is told once or more, in order, with nothing lost between
 *   watches: a watch goes on from the last version that it saw (bookmarks included), and a list that follows an 'expired' is compared with
 *   the store, so deletions that nobody saw are told too;
 * - the store never goes back: a list is always of the newest state, never of a cache that is behind;
 * - a server that fails, closes at once or answers 410 again and again is asked at most with a growing pause (half of it by chance), 30 s at most.
 */
export class Informer {
  readonly #options: InformerOptions
  readonly #store = new Map<string, KubeObject>()
  readonly #stopped = new AbortController()
  readonly #random: () => number
  #version: string | undefined
  #loop: Promise<void> | undefined
  #synced!: () => void
  /** Resolves when the first list is in the store. */
  readonly synced = new Promise<void>((resolve) => {
    this.#synced = resolve
  })
  #since: number | undefined

  constructor(options: InformerOptions) {
    this.#options = options
    this.#random = options.random ?? Math.random
  }

  get kind(): KindName {
    return this.#options.kind
  }

  get(key: string): KubeObject | undefined {
    return this.#store.get(key)
  }

  all(): readonly KubeObject[] {
    return [...this.#store.values()]
  }

  /** Milliseconds since when it has been without a watch; 0 while it has one. */
  get deafMs(): number {
    return this.#since === undefined ? 0 : this.#options.clock.now() - this.#since
  }

  start(): void {
    this.#since = this.#options.clock.now()
    this.#loop ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error('The informer was stopped.'))
    await this.#loop
  }

  async #run(): Promise<void> {
    const { clock, log, kind, restarted } = this.#options
    const { signal } = this.#stopped
    let failures = 0
    while (!signal.aborted) {
      const began = clock.now()
      let why: Restart = 'closed'
      let wait = 0
      try {
        if (this.#version === undefined) await this.#list(signal)
        await this.#watch(signal)
      } catch (error) {
        if (signal.aborted) return
        // A kind whose definition is gone is like a list without items until it comes back.
        if (isMissing(error)) this.#replace(new Map())
        if (isExpired(error) || isMissing(error)) this.#version = undefined
        why = isExpired(error) ? 'expired' : isMissing(error) ? 'missing' : 'failed'
        if (error instanceof ApiError) wait = error.retryAfterMs ?? 0
        if (why === 'failed') log.warn(`The watch of ${kind} broke off.`, { error })
      }
      if (signal.aborted) return
      this.#since ??= clock.now()
      restarted?.(why)
      failures = clock.now() - began >= settledMs ? 0 : failures + 1
      try {
        if (failures > 0) await clock.sleep(Math.max(wait, backoff(failures, limits, this.#random)), signal)
      } catch {
        return
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { api, kind, namespace, labelSelector } = this.#options
    const found = new Map<string, KubeObject>()
    let version = ''
    let more: string | undefined
    do {
      const page = await api.list(
        kind,
        namespace,
        {
          limit: `${pageSize}`,
          ...(labelSelector ? { labelSelector } : {}),
          ...(more ? { continue: more } : {}),
        },
        signal,
      )
      for (const item of page.items) found.set(keyOf(item), item)
      version = page.resourceVersion
      more = page.continue
    } while (more !== undefined)
    this.#replace(found)
    this.#version = version
    this.#synced()
    this.#options.listed?.()
  }

  #replace(found: ReadonlyMap<string, KubeObject>): void {
    for (const [key, before] of [...this.#store]) if (!found.has(key)) this.#set(key, undefined, before)
    for (const [key, now] of found) {
      const before = this.#store.get(key)
      if (before?.metadata.resourceVersion !== now.metadata.resourceVersion) this.#set(key, now, before)
    }
  }

  #set(key: string, now: KubeObject | undefined, before: KubeObject | undefined): void {
    if (now) this.#store.set(key, now)
    else this.#store.delete(key)
    this.#options.changed(key, now, before)
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { api, kind, namespace, labelSelector } = this.#options
    const query = {
      resourceVersion: this.#version ?? '',
      allowWatchBookmarks: 'true',
      timeoutSeconds: `${watchSeconds(this.#random)}`,
      ...(labelSelector ? { labelSelector } : {}),
    }
    const lines = api.watch(kind, namespace, query, { signal, silenceMs })
    this.#since = undefined
    let told = 0
    for await (const line of lines) {
      this.#event(JSON.parse(line) as { type: string; object: KubeObject })
      // A flood of events must not keep probes and leases waiting.
      if (++told % 200 === 0) await breathe()
    }
  }

  #event({ type, object }: { readonly type: string; readonly object: KubeObject }): void {
    if (type === 'ERROR') {
      const { code } = object as unknown as { readonly code?: number }
      throw new ApiError(code ?? 500, object)
    }
    const { resourceVersion } = object.metadata
    if (type !== 'BOOKMARK') {
      const key = keyOf(object)
      const before = this.#store.get(key)
      if (type === 'DELETED') {
        if (before) this.#set(key, undefined, before)
      } else this.#set(key, object, before)
    }
    if (resourceVersion) this.#version = resourceVersion
  }
}
