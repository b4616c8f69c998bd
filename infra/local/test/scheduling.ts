import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hierarchies, ownWeight, regionCgroup } from '../host/cgroups.ts'

/**
 * Whether the pod of a running container is idle for the scheduler. Undefined where the kernel knows no such thing (before 5.15); throws where the container has
 * no control group.
 */
export function podIsIdle(region: string, containerId: string): boolean | undefined {
  const groups = hierarchies().flatMap(({ mount }) =>
    globSync(join(mount, regionCgroup(region), 'kubepods', '**', containerId)),
  )
  if (groups.length === 0)
    throw new Error(`No control group of the region '${region}' is the container ${containerId}.`)
  const found = groups.map((own) => join(dirname(own), 'cpu.idle')).find((file) => existsSync(file))
  return found === undefined ? undefined : readFileSync(found, 'utf8').trim() === '1'
}

/** What a region's own processes, and its pods, weigh for the scheduler, whichever version of control groups has the controller. */
export function weights(region: string): { readonly own: number; readonly pods: number } {
  for (const { mount, version } of hierarchies()) {
    const weight = (group: string) => join(mount, regionCgroup(region), group, ownWeight[version].file)
    if (!existsSync(weight('kubepods'))) continue
    const [own, pods] = ['region', 'kubepods'].map((group) => Number(readFileSync(weight(group), 'utf8')))
    return { own: own!, pods: pods! }
  }
  throw new Error(`No control group of the region '${region}' has a weight.`)
}
