import { spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LocalRegionError } from '../errors.ts'
import { readJson, writeJson } from '../files.ts'
import type { RegionPaths } from '../state.ts'

/** A process, and the moment it began: a number that another process got later is not it. */
export interface ProcessId {
  readonly pid: number
  /** Clock ticks since boot, as /proc says. */
  readonly started: string
}

/** The two outer processes of a region. The end of `init` ends everything inside. */
export interface RegionTree {
  readonly unshare: ProcessId
  readonly init: ProcessId
  readonly boot: string
}

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
const treeFile = (paths: RegionPaths): string => join(paths.run, 'tree.json')

/** State letter and start of a process, from the text of /proc/<pid>/stat. The name in it may hold spaces and brackets. */
export function parseStat(text: string): { state: string; parent: number; started: string } {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', parent: Number(fields[1]), started: fields[19] ?? '' }
}

function stat(pid: number): ReturnType<typeof parseStat> | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return undefined
  }
}

export function identify(pid: number): ProcessId | undefined {
  const found = stat(pid)
  return found && { pid, started: found.started }
}

/** Whether exactly this process runs still. A zombie does not. */
export function isAlive(id: ProcessId): boolean {
  const found = stat(id.pid)
  return found !== undefined && found.started === id.started && found.state !== 'Z' && found.state !== 'X'
}

function childOf(parent: number): number | undefined {
  for (const entry of readdirSync('/proc'))
    if (Number(entry) && stat(Number(entry))?.parent === parent) return Number(entry)
  return undefined
}

/** The running tree of a region, or undefined when there is none: never started, crashed, or before a reboot. */
export function runningTree(paths: RegionPaths): RegionTree | undefined {
  const tree = readJson<RegionTree>(treeFile(paths))
  return tree && tree.boot === bootId() && isAlive(tree.init) ? tree : undefined
}

/**
 * Starts `command` as the first process of new network, mount and PID namespaces, independent of this process. It begins
 * in the control groups of its parent and moves itself.
 */
export async function startTree(paths: RegionPaths, command: readonly string[]): Promise<RegionTree> {
  const log = openSync(join(paths.log, 'supervisor.log'), 'a', 0o600)
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--']
  const child = spawn('unshare', [...namespaces, ...command], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' },
  })
  closeSync(log)
  let failure: string | undefined
  child.on('error', (error) => {
    failure = error.message
  })
  child.on('exit', (code, signal) => {
    failure ??= `it ended with ${signal ?? `code ${code}`}`
  })
  child.unref()
  for (let tries = 0; tries < 200 && !failure; tries++) {
    const pid = child.pid && childOf(child.pid)
    const [unshare, init] = pid ? [identify(child.pid!), identify(pid)] : []
    if (unshare && init) {
      const tree = { unshare, init, boot: bootId() }
      writeJson(treeFile(paths), tree)
      return tree
    }
    await sleep(10)
  }
  throw new LocalRegionError(
    'COMPONENT_FAILED',
    `The namespaces of the region cannot be made: ${failure ?? 'no process appeared'}. See ${paths.log}/supervisor.log.`,
  )
}

const gone = async (id: ProcessId, within: number): Promise<boolean> => {
  const deadline = performance.now() + within
  while (isAlive(id)) {
    if (performance.now() > deadline) return false
    await sleep(50)
  }
  return true
}

/** Ends a region's processes: asks, waits `within` milliseconds, then ends the namespaces. Throws LEFTOVER when even that fails. */
export async function stopTree(paths: RegionPaths, within: number): Promise<void> {
  const tree = runningTree(paths)
  if (tree) {
    process.kill(tree.init.pid, 'SIGTERM')
    if (!(await gone(tree.init, within))) process.kill(tree.init.pid, 'SIGKILL')
    if (!(await gone(tree.init, 20_000)))
      throw new LocalRegionError('LEFTOVER', `Process ${tree.init.pid} of the region does not end. Try again.`)
    await gone(tree.unshare, 5_000)
  }
  rmSync(treeFile(paths), { force: true })
}
