import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LocalRegionError } from '../errors.ts'

/** The control group that holds all of a region, in every hierarchy. */
export const regionCgroup = (name: string): string => `nd-${name}`

export interface Hierarchy {
  readonly mount: string
  readonly version: 1 | 2
}

/** The control-group hierarchies in the text of /proc/self/mountinfo. */
export function parseHierarchies(mountinfo: string): Hierarchy[] {
  return mountinfo.split('\n').flatMap((line) => {
    const match = /^\S+ \S+ \S+ \S+ (\S+) .* - (cgroup2?) /.exec(line)
    return match ? [{ mount: match[1]!, version: match[2] === 'cgroup2' ? (2 as const) : (1 as const) }] : []
  })
}

export const hierarchies = (): Hierarchy[] => parseHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'))

const tryWrite = (path: string, text: string): void => {
  try {
    writeFileSync(path, text)
  } catch {
    // The controller is not there, or set already.
  }
}

/**
 * What a region's own processes weigh together: as much as a pod that asks for a quarter of a core, on two cores an eighth of all pods. With the default they are
 * worth half as much as these, and whatever starts a process (a probe's command) holds up whoever serves.
 */
export const ownWeight = {
  1: { file: 'cpu.shares', value: 256 },
  2: { file: 'cpu.weight', value: 10 },
} as const

/** Makes the region's group with a child for its own processes, everywhere. Pods go beside that child. */
export function createCgroups(name: string): void {
  for (const { mount, version } of hierarchies()) {
    const group = join(mount, regionCgroup(name))
    const own = join(group, 'region')
    mkdirSync(own, { recursive: true })
    if (version === 2 && existsSync(join(mount, 'cgroup.controllers'))) {
      for (const controller of readFileSync(join(mount, 'cgroup.controllers'), 'utf8')
        .trim()
        .split(/\s+/)
        .filter(Boolean)) {
        tryWrite(join(mount, 'cgroup.subtree_control'), `+${controller}`)
        tryWrite(join(group, 'cgroup.subtree_control'), `+${controller}`)
      }
    }
    // A cpuset of version 1 starts empty, and nothing can run in an empty one.
    for (const part of ['cpuset.cpus', 'cpuset.mems']) {
      if (version === 2 || !existsSync(join(mount, part))) continue
      tryWrite(join(group, part), readFileSync(join(mount, part), 'utf8'))
      tryWrite(join(own, part), readFileSync(join(mount, part), 'utf8'))
    }
    const { file, value } = ownWeight[version]
    tryWrite(join(own, file), `${value}`)
  }
}

function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(folder, entry.name))
  rmdirSync(folder)
}

/** Processes in the region's groups, anywhere below. */
export function cgroupProcesses(name: string): number[] {
  const pids = new Set<number>()
  const walk = (folder: string): void => {
    for (const pid of readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n'))
      if (Number(pid)) pids.add(Number(pid))
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) walk(join(folder, entry.name))
  }
  for (const { mount } of hierarchies()) {
    const group = join(mount, regionCgroup(name))
    if (existsSync(group)) walk(group)
  }
  return [...pids]
}

/** Removes the region's groups. A group is busy for a moment after its last process ended. */
export async function removeCgroups(name: string): Promise<void> {
  let last: unknown
  for (let tries = 0; tries < 50; tries++) {
    last = undefined
    for (const { mount } of hierarchies()) {
      const group = join(mount, regionCgroup(name))
      try {
        if (existsSync(group)) removeTree(group)
      } catch (error) {
        last = error
      }
    }
    if (!last) return
    await sleep(100)
  }
  throw new LocalRegionError(
    'LEFTOVER',
    `The control group ${regionCgroup(name)} does not go away: processes ${cgroupProcesses(name).join(', ') || 'none'} are in it.`,
    last,
  )
}
