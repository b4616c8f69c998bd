import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defaultCacheRoot } from '../../infra/local/state.ts'
import type { ArtefactId, Toolchain } from '../../infra/local/toolchain.ts'
import { bytes, milliseconds } from '../../policies/model/units.ts'
import { Cache } from './cache.ts'
import { EngineError, explain } from './error.ts'
import { artefactName, type MakeFrom, make, makeFrom, type Workshop } from './make.ts'
import { artefactIds, type Pin, type PinsLock, pinHash, pins, readLock } from './pins.ts'
import { type Item, type Listener, summary } from './progress.ts'
import { Slots } from './slots.ts'
import { megabytes } from './text.ts'

export interface EnsureOptions {
  /** @default the folder that NEURODEFENDER_CACHE or XDG_CACHE_HOME names, else ~/.cache/neurodefender */
  readonly cacheRoot?: string
  readonly signal?: AbortSignal | undefined
  /** How many artefacts are made at once. @default all; Go compiles one at a time for every four cores in any case */
  readonly jobs?: number
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv
  /** Hears one line about everything under way, once a second, and every sentence worth keeping. */
  readonly onProgress?: (text: string) => void
  /** Hears the same in parts. */
  readonly listener?: Listener
  /** For tests: other pins, another way to make them. */
  readonly pins?: Readonly<Partial<Record<ArtefactId, Pin>>>
  readonly lock?: PinsLock
  readonly makeFrom?: MakeFrom
}

function checkMachine(): void {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new EngineError(
      'UNSUPPORTED_MACHINE',
      `The local region's tools are pinned for Linux on x86-64; this is ${process.platform} on ${process.arch}. ` +
        `The unit tests ('make test-unit') run here; for a region use a Linux machine or a virtual one.`,
    )
}

function checkSpace(cache: Cache, wanted: readonly Pin[]): void {
  const needed = wanted.reduce((sum, pin) => sum + bytes(pin.size), 0)
  const free = cache.free()
  if (free < needed)
    throw new EngineError(
      'DISK_FULL',
      `What is missing takes about ${megabytes(needed)}, and the disk that holds ${cache.root} has ${megabytes(free)} left. ` +
        `Free some space, or name a folder on another disk in NEURODEFENDER_CACHE.`,
    )
}

function toolchain(
  folders: ReadonlyMap<ArtefactId, string>,
  all: Readonly<Partial<Record<ArtefactId, Pin>>>,
): Toolchain {
  const path = (id: ArtefactId): string => {
    const folder = folders.get(id)
    if (folder) return folder
    throw new EngineError(
      'UNKNOWN_ARTEFACT',
      `The artefact '${id}' was not asked for: name it in the call of ensure().`,
    )
  }
  return {
    path,
    bin: (name) => {
      for (const [id, pin] of Object.entries(all)) {
        const program = Object.hasOwn(pin.programs, name) ? pin.programs[name] : undefined
        if (program) return join(path(id as ArtefactId), program)
      }
      throw new EngineError(
        'UNKNOWN_EXECUTABLE',
        `No artefact holds a program '${name}'; tools/engine/pins.ts lists them.`,
      )
    },
  }
}

/** Throws EngineError UNKNOWN_ARTEFACT. */
export function parseArtefact(text: string): ArtefactId {
  if (Object.hasOwn(pins, text)) return text as ArtefactId
  throw new EngineError('UNKNOWN_ARTEFACT', `There is no artefact '${text}'; there are: ${artefactIds.join(', ')}.`)
}

const oneLine = (onProgress: (text: string) => void): Listener & { close(): void } => {
  const items: Item[] = []
  const timer = setInterval(() => items.length && onProgress(summary(items, performance.now())), 1_000)
  return {
    begin: (item) => {
      items.push(item)
      onProgress(summary(items, performance.now()))
    },
    end: () => onProgress(summary(items, performance.now())),
    say: onProgress,
    close: () => clearInterval(timer),
  }
}

const both = (listeners: readonly Listener[]): Listener => ({
  begin: (item) => listeners.forEach((l) => void l.begin(item)),
  end: (item) => listeners.forEach((l) => void l.end(item)),
  say: (text) => listeners.forEach((l) => void l.say(text)),
})

/**
 * Gets artefacts, each from the first place that has it, and returns where they lie. What the cache has costs milliseconds.
 * Safe to interrupt and to run again, also twice at once. Throws EngineError; when several artefacts fail, one error tells all.
 */
export async function ensure(wanted: readonly ArtefactId[] | 'all', options: EnsureOptions = {}): Promise<Toolchain> {
  checkMachine()
  const all = options.pins ?? pins
  const ids = wanted === 'all' ? (Object.keys(all) as ArtefactId[]) : [...new Set(wanted)]
  const environment = options.environment ?? process.env
  const cache = new Cache(options.cacheRoot ?? defaultCacheRoot(environment))
  const line = options.onProgress ? oneLine(options.onProgress) : undefined
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])])
  try {
    cache.sweep()
    const pinsLock = options.lock ?? readLock()
    const plan = ids.map((id) => {
      const pin = all[id]
      if (!pin)
        throw new EngineError(
          'UNKNOWN_ARTEFACT',
          `There is no artefact '${id}'; there are: ${Object.keys(all).join(', ')}.`,
        )
      return { id, pin, hash: pinHash(pin, pinsLock) }
    })
    const missing = plan.filter(({ id, hash }) => !cache.has(artefactName(id, hash)))
    checkSpace(
      cache,
      missing.map(({ pin }) => pin),
    )
    const workshop: Workshop = {
      cache,
      lock: pinsLock,
      environment,
      signal,
      listener: both([options.listener, line].filter((l) => l !== undefined)),
      slots: new Slots({
        job: options.jobs ?? plan.length,
        compile: Math.max(1, Math.floor(availableParallelism() / 4)),
        modules: 1,
        apt: 1,
      }),
    }
    // The longest first: everything else fits beside it.
    plan.sort((a, b) => milliseconds(b.pin.usual) - milliseconds(a.pin.usual))
    const results = await Promise.allSettled(
      plan.map(({ id, pin, hash }) =>
        workshop.slots
          .use('job', signal, () => make(id, pin, hash, workshop, options.makeFrom ?? makeFrom))
          .catch((error: unknown) => {
            if (error instanceof EngineError && error.fatal) stop.abort(error)
            throw error
          }),
      ),
    )
    throwAll(results)
    const names = results.map((result) => (result as PromiseFulfilledResult<string>).value)
    return toolchain(new Map(plan.map(({ id }, i) => [id, cache.artefact(names[i] as string)])), all)
  } catch (error) {
    throw explain(error, cache.root)
  } finally {
    line?.close()
  }
}

function throwAll(results: readonly PromiseSettledResult<string>[]): void {
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  if (errors.length === 0) return
  const fatal = errors.find((e) => e instanceof EngineError && e.fatal && e.code !== 'INTERRUPTED')
  if (fatal) throw fatal
  if (errors.length === 1) throw errors[0]
  const other = errors.filter((e) => !(e instanceof EngineError && e.code === 'INTERRUPTED'))
  if (other.length <= 1) throw other[0] ?? errors[0]
  const texts = other.map((e) => (e instanceof Error ? e.message : String(e)))
  throw new EngineError('NO_SOURCE', `${other.length} artefacts failed.\n${texts.join('\n')}`, {
    cause: new AggregateError(other),
  })
}
