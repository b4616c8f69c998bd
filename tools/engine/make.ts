import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ArtefactId } from '../../infra/local/toolchain.ts'
import { milliseconds } from '../../policies/model/units.ts'
import type { Cache, Finished } from './cache.ts'
import { EngineError, explain, Unavailable } from './error.ts'
import { lock } from './lock.ts'
import type { Making } from './making.ts'
import type { Pin, PinsLock, SourcePin } from './pins.ts'
import type { Item, Listener } from './progress.ts'
import type { Slots } from './slots.ts'
import { fromDebian } from './sources/debian.ts'
import { type Found, find, foldersOfPath, linkFound, misfit } from './sources/found.ts'
import { fromGo } from './sources/go.ts'
import { fromMaven } from './sources/maven.ts'
import { fromPypi } from './sources/pypi.ts'
import { fromVendor } from './sources/vendor.ts'

export interface Workshop {
  readonly cache: Cache
  readonly slots: Slots
  readonly lock: PinsLock
  readonly environment: NodeJS.ProcessEnv
  readonly signal: AbortSignal | undefined
  readonly listener: Listener
}

/** Makes an artefact in making.folder. Throws Unavailable to pass to the next source. */
export type MakeFrom = (source: SourcePin, making: Making) => Promise<void>

export const makeFrom: MakeFrom = (source, making) => {
  switch (source.kind) {
    case 'vendor':
      return fromVendor(source, making)
    case 'go':
      return fromGo(source, making)
    case 'debian':
      return fromDebian(source, making)
    case 'maven':
      return fromMaven(source, making)
    case 'pypi':
      return fromPypi(source, making)
  }
}

/** What the artefact with this pin is called in the cache. */
export const artefactName = (id: ArtefactId, hash: string): string => `${id}-${hash}`

/** The folder that NEURODEFENDER_TOOLS names is asked even when the cache has the artefact: the user said so. */
export function findNamed(pin: Pin, environment: NodeJS.ProcessEnv): Found | undefined {
  const folder = environment.NEURODEFENDER_TOOLS
  if (!folder || !pin.found) return undefined
  const found = find(pin, folder, [folder])
  return 'files' in found ? found : undefined
}

function findOnPath(pin: Pin, environment: NodeJS.ProcessEnv): Found | undefined {
  if (!pin.found) return undefined
  const found = find(pin, 'PATH', foldersOfPath(environment.PATH))
  return 'files' in found ? found : undefined
}

/** Gets one artefact and returns its folder's name. Throws EngineError NO_SOURCE with every source's reason. */
export async function make(
  id: ArtefactId,
  pin: Pin,
  hash: string,
  workshop: Workshop,
  from: MakeFrom = makeFrom,
): Promise<string> {
  const { cache, environment, signal } = workshop
  const named = findNamed(pin, environment)
  if (named && cache.has(artefactName(id, named.hash))) return artefactName(id, named.hash)
  const own = artefactName(id, hash)
  if (!named && cache.has(own)) return own

  const release = await lock(cache.path('locks', id), {
    signal,
    onWait: (owner) => workshop.listener.say(`${id}: process ${owner.pid} is making it; waiting for that.`),
  })
  try {
    for (const found of [named, cache.has(own) ? undefined : findOnPath(pin, environment)]) {
      if (!found) continue
      const name = artefactName(id, found.hash)
      if (cache.has(name)) return name
      const wrong = await misfit(found, pin, signal)
      if (!wrong) {
        workshop.listener.say(`${id}: using ${Object.keys(found.files).join(', ')} from ${found.place}.`)
        const folder = cache.scratch(id)
        linkFound(found, pin, folder)
        cache.complete(folder, name, { source: found.place, milliseconds: 0, remarks: [] })
        return name
      }
      workshop.listener.say(`${id}: ${wrong}; looking elsewhere.`)
    }
    if (!cache.has(own)) await makeOwn(id, pin, own, workshop, from)
    return own
  } catch (error) {
    throw explain(error, cache.root)
  } finally {
    release()
  }
}

async function makeOwn(id: ArtefactId, pin: Pin, name: string, workshop: Workshop, from: MakeFrom): Promise<void> {
  const { cache, listener } = workshop
  const last = pin.sources.at(-1)?.kind ?? ''
  const item: Item = {
    id,
    version: pin.version,
    state: 'working',
    started: performance.now(),
    ended: 0,
    usual: cache.usual(id, last) ?? milliseconds(pin.usual),
    doing: '',
  }
  rmSync(cache.path('log', `${id}.log`), { force: true })
  listener.begin(item)
  const reasons: string[] = []
  try {
    for (const source of pin.sources) {
      try {
        await makeOnce(id, pin, name, source, item, workshop, from)
        item.state = 'done'
        return
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error
        reasons.push(`${source.kind}: ${error.message}`)
        if (source !== pin.sources.at(-1)) listener.say(`${id}: ${error.message}; asking the next source.`)
      }
    }
    throw new EngineError('NO_SOURCE', `No source has ${id} ${pin.version}:\n${indent(reasons)}${advice(pin)}`)
  } catch (error) {
    item.state = 'failed'
    item.doing = error instanceof EngineError ? error.code : 'failed'
    throw error
  } finally {
    item.ended = performance.now()
    listener.end(item)
  }
}

const indent = (reasons: readonly string[]): string => reasons.map((reason) => `  - ${reason}`).join('\n')

const advice = (pin: Pin): string =>
  pin.found
    ? `\nOr put ${Object.keys(pin.found).join(', ')} of version ${pin.version.split('.').slice(0, 2).join('.')} into a folder and name it: NEURODEFENDER_TOOLS=/that/folder`
    : ''

async function makeOnce(
  id: ArtefactId,
  pin: Pin,
  name: string,
  source: SourcePin,
  item: Item,
  workshop: Workshop,
  from: MakeFrom,
): Promise<void> {
  const { cache, listener, signal } = workshop
  const started = performance.now()
  let waited = 0
  const folder = cache.scratch(id)
  const scratch = cache.scratch(`${id}-scratch`)
  const remarks: string[] = []
  try {
    const making: Making = {
      cache,
      lock: workshop.lock,
      environment: workshop.environment,
      signal,
      id,
      pin,
      folder,
      scratch,
      log: cache.path('log', `${id}.log`),
      turn: (slot, forWhat, body) => {
        const asked = performance.now()
        item.state = 'waiting'
        item.doing = forWhat
        return workshop.slots.use(slot, signal, () => {
          const wait = performance.now() - asked
          waited += wait
          item.started += wait
          item.state = 'working'
          return body()
        })
      },
      note: (text) => {
        item.doing = text
      },
      say: (text) => listener.say(`${id}: ${text}`),
      remark: (text) => {
        remarks.push(text)
        listener.say(`${id}: ${text}.`)
      },
    }
    await from(source, making)
    checkPrograms(id, pin, folder)
    const finished: Finished = { source: source.kind, milliseconds: performance.now() - started - waited, remarks }
    cache.complete(folder, name, finished)
    cache.remember(id, source.kind, finished.milliseconds)
    item.doing = `from ${source.kind}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Throws EngineError DOES_NOT_RUN when a program is not there or cannot be executed. */
function checkPrograms(id: ArtefactId, pin: Pin, folder: string): void {
  const bad = Object.values(pin.programs).filter((path) => {
    const stat = statSync(join(folder, path), { throwIfNoEntry: false })
    return !stat?.isFile() || (stat.mode & 0o111) === 0
  })
  if (bad.length)
    throw new EngineError(
      'DOES_NOT_RUN',
      `${id} was made without ${bad.join(', ')}. This is a mistake in tools/engine/pins.ts.`,
    )
}
