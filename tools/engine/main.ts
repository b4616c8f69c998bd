import { parseArgs } from 'node:util'
import { isProfile, noProfile, type Profile } from '../../infra/local/profile.ts'
import { defaultCacheRoot } from '../../infra/local/state.ts'
import type { ArtefactId } from '../../infra/local/toolchain.ts'
import { Cache } from './cache.ts'
import { ensure, parseArtefact } from './ensure.ts'
import { EngineError } from './error.ts'
import { lock } from './lock.ts'
import { artefactName, findNamed } from './make.ts'
import { writeLock } from './pin.ts'
import { artefactIds, fullArtefacts, pinHash, pins, readLock } from './pins.ts'
import { Display } from './progress.ts'
import { debFile } from './sources/apt.ts'
import { duration } from './text.ts'

const onlyFull = artefactIds.filter((id) => fullArtefacts.has(id))

const usage = `usage: node tools/engine/main.ts [ARTEFACT...] [--profile core|full] [--jobs N]
       node tools/engine/main.ts --list | --clean | --pin

Gets the tools of the local region (all of them, or those named), each from the first place that has it: the folder that
NEURODEFENDER_TOOLS names or PATH, the vendor's download, a build from Go modules, Debian's archive, Maven Central, PyPI.
Safe to interrupt and to run again. They lie in NEURODEFENDER_CACHE (default: ~/.cache/neurodefender).

  --profile  of which region (default: core; full adds ${onlyFull.join(', ')})
  --jobs N   make at most N artefacts at once (default: all; Go compiles one at a time for every four cores)
  --list     show the artefacts, where each came from and how long it took
  --clean    remove what the pins of this checkout do not name: old versions, leftovers, logs, images
  --pin      write tools/engine/pins.lock.json anew, from what the archives hand out today

Artefacts: ${artefactIds.join(', ')}`

const names = (environment: NodeJS.ProcessEnv): Map<string, string[]> => {
  const pinsLock = readLock()
  return new Map(
    artefactIds.map((id) => {
      const named = findNamed(pins[id], environment)
      return [id, [...(named ? [artefactName(id, named.hash)] : []), artefactName(id, pinHash(pins[id], pinsLock))]]
    }),
  )
}

function list(cache: Cache, environment: NodeJS.ProcessEnv): void {
  const current = names(environment)
  for (const id of artefactIds) {
    const name = current.get(id)?.find((n) => cache.has(n))
    const record = name ? cache.record(name) : undefined
    const state = record
      ? `from ${record.source}, ${duration(record.milliseconds)}`
      : `missing, usually ${pins[id].usual}`
    console.log(
      `${id.padEnd(14)} ${pins[id].version.padEnd(12)} ${state.padEnd(28)} ${name ? cache.artefact(name) : ''}`,
    )
    for (const remark of record?.remarks ?? []) console.log(`${' '.repeat(15)}${remark}`)
  }
}

async function clean(cache: Cache, environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const debs = Object.entries(readLock().debian).map(([name, { version }]) => debFile({ name, version }))
  const releases: (() => void)[] = []
  try {
    for (const id of [...artefactIds, 'apt'])
      releases.push(
        await lock(cache.path('locks', id), {
          signal,
          onWait: (owner) => console.log(`Process ${owner.pid} is making ${id}; waiting for that.`),
        }),
      )
    const removed = cache.clean(new Set([...names(environment).values()].flat()), new Set(debs))
    console.log(removed.length ? `Removed ${removed.join(', ')}.` : 'There was nothing to remove.')
  } finally {
    for (const release of releases) release()
  }
}

function parseJobs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const jobs = Number(text)
  if (Number.isInteger(jobs) && jobs > 0) return jobs
  throw new EngineError('USAGE', `--jobs wants a whole number of at least 1, not '${text}'.`)
}

/** What somebody wants who names nothing. */
const ofProfile = (profile: Profile): readonly ArtefactId[] =>
  artefactIds.filter((id) => profile === 'full' || !fullArtefacts.has(id))

async function get(ids: readonly ArtefactId[], jobs: number | undefined, signal: AbortSignal): Promise<void> {
  const display = new Display()
  const started = performance.now()
  try {
    await ensure(ids, { signal, listener: display, ...(jobs ? { jobs } : {}) })
  } finally {
    display.close()
  }
  console.log(
    `${ids.length === 1 ? ids[0] : `${ids.length} artefacts`} ready in ${duration(performance.now() - started)}: ${defaultCacheRoot()}`,
  )
}

function exitStatus(error: unknown): number {
  if (!(error instanceof EngineError) || error.code === 'USAGE' || error.code === 'UNKNOWN_ARTEFACT') return 2
  return error.code === 'INTERRUPTED' ? 130 : 1
}

/** Runs the command line and returns its exit status. */
export async function main(args: string[]): Promise<number> {
  const stop = new AbortController()
  const onSignal = (signal: NodeJS.Signals) => stop.abort(signal)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, onSignal)
  const environment = process.env
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        list: { type: 'boolean' },
        clean: { type: 'boolean' },
        pin: { type: 'boolean' },
        jobs: { type: 'string' },
        profile: { type: 'string', default: 'core' },
      },
    })
    const cache = new Cache(defaultCacheRoot(environment))
    if (values.help) console.log(usage)
    else if (values.list) list(cache, environment)
    else if (values.clean) await clean(cache, environment, stop.signal)
    else if (values.pin)
      await writeLock({ cache, environment, signal: stop.signal, onProgress: (text) => console.log(text) })
    else {
      const { profile } = values
      if (!isProfile(profile)) throw new EngineError('USAGE', noProfile(profile))
      await get(
        positionals.length ? positionals.map(parseArtefact) : ofProfile(profile),
        parseJobs(values.jobs),
        stop.signal,
      )
    }
    return 0
  } catch (error) {
    const usageError = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    if (!(error instanceof EngineError) && !usageError) throw error
    console.error(`engine: ${(error as Error).message}`)
    return exitStatus(error)
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, onSignal)
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
