import { compareVersions, type ModelEntry, writeModelList } from '../../../common/inference/model-list.ts'
import type { Log } from '../../../common/log/log.ts'
import { InferenceError } from '../errors.ts'
import type { Model } from './model.ts'

/** Triton's words. */
export type ModelState = 'LOADING' | 'READY' | 'UNLOADING' | 'UNAVAILABLE'

interface Slot {
  readonly entry: ModelEntry
  state: ModelState
  reason: string
  model: Model | undefined
  /** Ends what is going on: loading, or waiting to try again. */
  abort: AbortController
  /** What is going on, or settled. */
  work: Promise<void>
}

export interface RepositoryOptions {
  readonly load: (entry: ModelEntry, signal: AbortSignal) => Promise<Model>
  readonly log: Log
  /** Between two tries of a load that failed, milliseconds; doubles up to `mostRetryMs`. */
  readonly retryMs?: number
  readonly mostRetryMs?: number
}

export interface IndexEntry {
  readonly name: string
  readonly version: string
  readonly state: ModelState
  readonly reason: string
}

const same = (a: ModelEntry, b: ModelEntry): boolean => writeModelList([a]) === writeModelList([b])
const keyOf = ({ name, version }: { name: string; version: string }): string => `${name}/${version}`
const byVersion = (a: Slot, b: Slot): number => compareVersions(b.entry.version, a.entry.version)

/** The models of the list, each loaded or not. A version that goes is asked nothing new first, answers what it has, and then ends. */
export class Repository {
  readonly #options: RepositoryOptions
  #slots = new Map<string, Slot>()
  /** The same by name, newest first. */
  #byName = new Map<string, Slot[]>()
  /** Versions that the list has no more, and that answer until another version of their name can. */
  #leaving = new Map<string, Slot>()
  readonly #closing = new Set<Promise<void>>()

  constructor(options: RepositoryOptions) {
    this.#options = options
  }

  /**
   * Makes the models those of a list: new ones are loaded, changed ones replaced once the new file is ready, others let go. Resolves when
   * each has been tried once.
   */
  async set(entries: readonly ModelEntry[]): Promise<void> {
    const wanted = new Map(entries.map((entry) => [keyOf(entry), entry]))
    const names = new Set(entries.map(({ name }) => name))
    const before = new Map([...this.#leaving, ...this.#slots])
    this.#slots = new Map()
    this.#leaving = new Map()
    const work: Promise<void>[] = []
    for (const [key, entry] of wanted) {
      const old = before.get(key)
      const kept = old && same(old.entry, entry)
      const slot = kept ? old : this.#slot(entry, old?.model)
      this.#slots.set(key, slot)
      if (!kept) {
        old?.abort.abort()
        this.#start(slot)
      }
      work.push(slot.work)
    }
    for (const [key, slot] of before) {
      if (wanted.has(key)) continue
      if (slot.model && names.has(slot.entry.name)) this.#leaving.set(key, slot)
      else this.#letGo(slot)
    }
    this.#byName = Map.groupBy([...this.#slots.values()].sort(byVersion), ({ entry }) => entry.name)
    for (const name of names) this.#dismiss(name)
    await Promise.all(work)
  }

  /** Loads every version of a model. Throws NOT_FOUND; rejects with INTERNAL and the reasons when one cannot be loaded. */
  async load(name: string): Promise<void> {
    const slots = this.#versions(name)
    for (const slot of slots) if (slot.state === 'UNAVAILABLE' || slot.state === 'UNLOADING') this.#start(slot)
    await Promise.all(slots.map(({ work }) => work))
    const reasons = slots.flatMap(({ state, reason, entry }) =>
      state === 'READY' ? [] : [`${entry.version}: ${reason}`],
    )
    if (reasons.length > 0) throw new InferenceError('INTERNAL', `'${name}' cannot be loaded. ${reasons.join(' ')}`)
  }

  /** Unloads every version of a model. Resolves when they have answered all that they had. Throws NOT_FOUND. */
  async unload(name: string): Promise<void> {
    await Promise.all([...this.#versions(name), ...this.#leavingOf(name)].map((slot) => this.#letGo(slot)))
  }

  /** The version that is asked for, or the newest that is ready. Throws NOT_FOUND, NOT_READY. */
  find(name: string, version: string | undefined): Model {
    if (version !== undefined && version !== '') {
      const key = keyOf({ name, version })
      const slot = this.#slots.get(key) ?? this.#leaving.get(key)
      if (!slot)
        throw new InferenceError('NOT_FOUND', `There is no model '${short(name)}' of version '${short(version)}'.`)
      if (slot.model) return slot.model
      throw notReady(slot)
    }
    const slots = this.#versions(name)
    const ready = slots.find(({ model }) => model) ?? this.#leavingOf(name).find(({ model }) => model)
    if (ready?.model) return ready.model
    throw notReady(slots[0]!)
  }

  /** Whether a version (or the newest) would answer now. Throws NOT_FOUND. */
  isReady(name: string, version: string | undefined): boolean {
    try {
      return this.find(name, version) !== undefined
    } catch (error) {
      if (error instanceof InferenceError && error.code === 'NOT_READY') return false
      throw error
    }
  }

  /** Versions of a model that are loaded, oldest first. */
  versions(name: string): string[] {
    return this.#versions(name)
      .flatMap(({ model, entry }) => (model ? [entry.version] : []))
      .toReversed()
  }

  /** All models of the list. */
  index(): IndexEntry[] {
    return [...this.#slots.values()].map(({ entry: { name, version }, state, reason }) => ({
      name,
      version,
      state,
      reason,
    }))
  }

  /** All that are loaded. */
  loaded(): Model[] {
    return [...this.#slots.values(), ...this.#leaving.values()].flatMap(({ model }) => model ?? [])
  }

  /** Why not every model of the list that should be is ready; undefined when all are. */
  get trouble(): string | undefined {
    if (this.#slots.size === 0) return 'There is no model list yet.'
    const missing = [...this.#slots.values()]
      .filter(({ state, model }) => !model && (state === 'LOADING' || state === 'UNAVAILABLE'))
      .filter(({ reason }) => reason !== unloaded)
    return missing.length === 0
      ? undefined
      : missing
          .map(({ entry, state, reason }) => `${keyOf(entry)} is ${state}${reason ? `: ${reason}` : ''}`)
          .join('; ')
  }

  /** Lets every model answer what it has, and ends. */
  async close(): Promise<void> {
    for (const slot of [...this.#slots.values(), ...this.#leaving.values()]) this.#letGo(slot)
    await Promise.all(this.#closing)
  }

  #leavingOf(name: string): Slot[] {
    return [...this.#leaving.values()].filter(({ entry }) => entry.name === name).sort(byVersion)
  }

  #versions(name: string): readonly Slot[] {
    const slots = this.#byName.get(name)
    if (!slots) throw new InferenceError('NOT_FOUND', `There is no model '${short(name)}'.`)
    return slots
  }

  /** Lets go what is leaving under a name, once another version of it can answer. */
  #dismiss(name: string): void {
    if (![...this.#slots.values()].some(({ entry, model }) => entry.name === name && model)) return
    for (const [key, slot] of this.#leaving)
      if (slot.entry.name === name) {
        this.#leaving.delete(key)
        this.#letGo(slot)
      }
  }

  #slot(entry: ModelEntry, model: Model | undefined): Slot {
    return { entry, state: 'LOADING', reason: '', model, abort: new AbortController(), work: Promise.resolve() }
  }

  /** Begins to load. The slot's `work` is the first try; when it fails, more follow. */
  #start(slot: Slot): void {
    slot.abort.abort()
    slot.abort = new AbortController()
    slot.state = slot.model ? 'READY' : 'LOADING'
    slot.reason = ''
    slot.work = this.#attempt(slot, slot.abort.signal, this.#options.retryMs ?? 1_000)
  }

  async #attempt(slot: Slot, signal: AbortSignal, retryMs: number): Promise<void> {
    const { load, log, mostRetryMs = 60_000 } = this.#options
    try {
      const model = await load(slot.entry, signal)
      if (signal.aborted) return void (await model.close())
      const old = slot.model
      slot.model = model
      slot.state = 'READY'
      slot.reason = ''
      if (old) this.#end(old)
      this.#dismiss(slot.entry.name)
    } catch (error) {
      if (signal.aborted) return
      const reason = error instanceof Error ? error.message : String(error)
      log.error('A model cannot be loaded.', { model: slot.entry.name, version: slot.entry.version, error })
      if (!slot.model) slot.state = 'UNAVAILABLE'
      slot.reason = reason
      const timer = setTimeout(() => {
        if (!slot.model) slot.state = 'LOADING'
        slot.work = this.#attempt(slot, signal, Math.min(2 * retryMs, mostRetryMs))
      }, retryMs)
      timer.unref()
      signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
    }
  }

  async #letGo(slot: Slot): Promise<void> {
    slot.abort.abort()
    const { model } = slot
    slot.model = undefined
    slot.state = model ? 'UNLOADING' : 'UNAVAILABLE'
    slot.reason = unloaded
    if (model) await this.#end(model)
    if (slot.state === 'UNLOADING') slot.state = 'UNAVAILABLE'
  }

  #end(model: Model): Promise<void> {
    const ended = model
      .close()
      .catch((error) => this.#options.log.error('A model did not end well.', { model: model.name, error }))
      .finally(() => this.#closing.delete(ended))
    this.#closing.add(ended)
    return ended
  }
}

const unloaded = 'unloaded'
const short = (text: string): string => text.slice(0, 100)

const notReady = ({ entry, state, reason }: Slot): InferenceError =>
  new InferenceError(
    'NOT_READY',
    `The model '${entry.name}' of version '${entry.version}' is ${state}${reason ? `: ${reason}` : '.'}`,
    {
      retryAfterMs: 1_000,
    },
  )
