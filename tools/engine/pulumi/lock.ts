import { readdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** Who holds a stack of a file backend, as the engine writes it down. */
export interface Lock {
  readonly pid: number
  readonly username: string
  readonly hostname: string
  readonly timestamp: string
}

/** The locks of one stack in a file backend. */
export function locks(backend: string, project: string, stack: string): Lock[] {
  const folder = join(backend, '.pulumi', 'locks', 'organization', project, stack)
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Lock)
  } catch {
    return []
  }
}

/** Whether the process that took a lock has ended without giving it back. A lock of another machine is never called stale. */
export function isStale(lock: Lock, isRunning: (pid: number) => boolean = runsPulumi): boolean {
  return lock.hostname === hostname() && !isRunning(lock.pid)
}

/** Whether the process exists and is an engine: process ids are used again. */
function runsPulumi(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim().startsWith('pulumi')
  } catch {
    try {
      process.kill(pid, 0)
      return process.platform !== 'linux'
    } catch {
      return false
    }
  }
}
