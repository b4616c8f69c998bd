import { existsSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { addressPlan } from './address.ts'
import { LocalRegionError } from './errors.ts'
import { readJson } from './files.ts'
import { cgroupProcesses, removeCgroups } from './host/cgroups.ts'
import { disconnectHost } from './host/network.ts'
import { runningTree, stopTree } from './host/tree.ts'
import { withLock } from './lock.ts'
import { planFile, type RegionFacts, type RegionPaths, regionPaths } from './state.ts'

export interface StopOptions {
  readonly name: string
  readonly stateRoot: string
  /** Keep the state folder: the next start continues with its data. */
  readonly keep: boolean
  readonly onProgress?: (text: string) => void
}

/** What containers and components may take to finish: the supervisor's own bounds, and a margin. */
const stopWithin = 60_000

/**
 * Takes a region down: processes, mounts, links, routes, control groups and, without `keep`, files. What is not there is not
 * missed, so it also clears what a crash left. Throws LEFTOVER when something does not go away.
 */
export async function stopRegion({ name, stateRoot, keep, onProgress }: StopOptions): Promise<void> {
  const paths = regionPaths(stateRoot, name)
  refuseForeign(name, paths)
  if (!existsSync(paths.state)) {
    await removeCgroups(name)
    return
  }
  // A name that no region can have, so that one that starts meanwhile begins in a folder of its own.
  const gone = `.${name}.`
  await withLock(join(paths.run, 'lock'), 300_000, async () => {
    if (runningTree(paths)) onProgress?.('stopping containers and components')
    await clearRuntime(name, paths)
    if (keep) return
    const mounts = mountsBelow(paths.state)
    if (mounts.length)
      throw new LocalRegionError(
        'LEFTOVER',
        `Nothing was deleted, for something is mounted at ${mounts.join(', ')}. Unmount it and run this again.`,
      )
    renameSync(paths.state, join(stateRoot, `${gone}${process.pid}`))
  })
  if (keep) return
  onProgress?.('removing files')
  for (const folder of readdirSync(stateRoot).filter((other) => other.startsWith(gone)))
    rmSync(join(stateRoot, folder), { recursive: true, force: true, maxRetries: 3 })
  if (existsSync(stateRoot) && readdirSync(stateRoot).length === 0) rmdirSync(stateRoot)
}

/** Ends what runs of a region and takes back what it has of the machine. Its files stay. */
export async function clearRuntime(name: string, paths: RegionPaths): Promise<void> {
  await stopTree(paths, stopWithin)
  await endStrays(name)
  const facts = readJson<RegionFacts>(paths.facts)
  await disconnectHost(name, facts && addressPlan(facts.index))
  await removeCgroups(name)
  for (const file of ['containerd.sock', 'status.json']) rmSync(join(paths.run, file), { force: true })
}

/**
 * Names of links and control groups are the machine's: a region of this name that runs from another state folder is not ours to end.
 * Throws NAME_TAKEN.
 */
export function refuseForeign(name: string, paths: RegionPaths): void {
  const own = planFile(paths)
  for (const pid of cgroupProcesses(name)) {
    const plan = commandLine(pid).find((argument) => argument.endsWith(planFile({ run: '' })))
    if (plan && plan !== own)
      throw new LocalRegionError(
        'NAME_TAKEN',
        `A region named '${name}' runs already, with its state in ${dirname(dirname(plan))}. Take another name (NEURODEFENDER_REGION), or work on that one (NEURODEFENDER_STATE=${dirname(dirname(dirname(plan)))}).`,
      )
  }
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}

/** Processes of a start that died before it noted them: they are known by the region's control groups. */
async function endStrays(name: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const pids = cgroupProcesses(name)
    if (pids.length === 0) return
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended by itself.
      }
    }
    await sleep(100)
  }
  throw new LocalRegionError('LEFTOVER', `Processes ${cgroupProcesses(name).join(', ')} of region ${name} do not end.`)
}

function mountsBelow(folder: string): string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
  return points.filter((point) => point.startsWith(`${folder}/`))
}
