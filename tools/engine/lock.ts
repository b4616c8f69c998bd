import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { EngineError, interrupted } from './error.ts'

/** A process: its id and when it started, since ids are used again. */
export interface Owner {
  readonly pid: number
  /** Clock ticks after boot, from /proc; empty where there is no such process. */
  readonly started: string
}

/** The process with this id, or an owner without a start when there is none. */
export function ownerOf(pid: number): Owner {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { pid, started: fields[0] === 'Z' ? '' : (fields[19] ?? '') }
  } catch {
    return { pid, started: '' }
  }
}

export const isAlive = (owner: Owner): boolean => owner.started !== '' && ownerOf(owner.pid).started === owner.started

export const ownerText = (owner: Owner): string => `${owner.pid} ${owner.started}`

export function parseOwner(text: string): Owner | undefined {
  const match = /^(\d+) (\d+)$/.exec(text.trim())
  return match ? { pid: Number(match[1]), started: match[2] as string } : undefined
}

export interface LockOptions {
  readonly signal?: AbortSignal | undefined
  /** Called once when somebody else holds it. */
  readonly onWait?: (owner: Owner) => void
  /** Milliseconds between looks. */
  readonly poll?: number
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new EngineError(
      'LOCK_FILE',
      `Cannot read the lock ${file}: ${(error as Error).message}. Remove it by hand.`,
      {
        cause: error,
      },
    )
  }
}

let serial = 0

/**
 * Holds the lock file until the returned function is called; waits while a living process holds it, takes it over from a
 * dead one. Throws EngineError INTERRUPTED when the signal aborts first.
 */
export async function lock(file: string, options: LockOptions = {}): Promise<() => void> {
  mkdirSync(dirname(file), { recursive: true })
  const mine = ownerText(ownerOf(process.pid))
  const ticket = `${file}.${process.pid}.${serial++}`
  writeFileSync(ticket, mine)
  let told = false
  try {
    for (;;) {
      if (options.signal?.aborted) throw interrupted(options.signal.reason)
      try {
        // A link appears with its content, which an exclusive create does not.
        linkSync(ticket, file)
        return () => rmSync(file, { force: true })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const text = read(file)
      if (text === undefined) continue
      const owner = parseOwner(text)
      if (!owner || !isAlive(owner)) {
        take(file, text, ticket)
        continue
      }
      if (!told) options.onWait?.(owner)
      told = true
      await wait(options.poll ?? 300, undefined, { signal: options.signal }).catch(() => {})
    }
  } finally {
    rmSync(ticket, { force: true })
  }
}

/** Moves a dead owner's lock away; gives it back if another process was quicker and holds it by now. */
function take(file: string, dead: string, ticket: string): void {
  const aside = `${ticket}.dead`
  try {
    renameSync(file, aside)
    if (readFileSync(aside, 'utf8') !== dead) linkSync(aside, file)
  } catch {
    // Somebody else has moved it: the next look sees whose it is.
  } finally {
    rmSync(aside, { force: true })
  }
}
