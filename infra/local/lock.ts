import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LocalRegionError } from './errors.ts'
import { identify, isAlive, type ProcessId } from './host/tree.ts'

/** Runs `body` while no other process starts or stops the same region. Throws BUSY when one does for longer than `patience` milliseconds. */
export async function withLock<T>(path: string, patience: number, body: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patience
  // A link is there as a whole or not at all, so nobody ever reads half an owner.
  const own = `${path}.${process.pid}`
  const text = JSON.stringify(identify(process.pid))
  try {
    for (;;) {
      // Again each time: who waits for a region to be taken away finds the folder gone.
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      writeFileSync(own, text, { mode: 0o600 })
      if (taken(own, path)) break
      const holder = readHolder(path)
      if (!holder || !isAlive(holder)) breakStale(path, own)
      else if (performance.now() > deadline)
        throw new LocalRegionError(
          'BUSY',
          `Process ${holder.pid} is starting or stopping this region. Wait for it, then try again.`,
        )
      else await sleep(200)
    }
  } finally {
    rmSync(own, { force: true })
  }
  try {
    return await body()
  } finally {
    if (readText(path) === text) rmSync(path, { force: true })
  }
}

function taken(own: string, path: string): boolean {
  try {
    linkSync(own, path)
    return true
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

/** Moves a dead owner's lock aside, and back where a living one has come in between. */
function breakStale(path: string, own: string): void {
  const aside = `${own}.stale`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  const holder = readHolder(aside)
  if (holder && isAlive(holder)) taken(aside, path)
  rmSync(aside, { force: true })
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function readHolder(path: string): ProcessId | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessId
  } catch {
    return undefined
  }
}
