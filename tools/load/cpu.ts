import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

/** CPU seconds by part of a region. */
export type Usage = Readonly<Record<string, number>>

/** What each process of a region has used since its start, by its number. */
export type Reading = ReadonlyMap<number, { readonly part: string; readonly seconds: number }>

const ticksPerSecond = 100 // USER_HZ, fixed at 100 by Linux's ABI on every architecture Node runs on.

interface Process {
  readonly parent: number
  readonly seconds: number
}

function read(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond }
  } catch {
    return undefined
  }
}

/** The part that a command line belongs to: a program of ours by its service, anything else by its executable. */
export function part(argv: readonly string[], env: string): string {
  const service = /(?:^|\0)ND_SERVICE=([^\0]+)/.exec(env)?.[1]
  if (service) return service
  if (argv.some((a) => a.startsWith('kafka.'))) return 'kafka'
  return basename(argv[0] ?? 'kernel')
}

/** Looks at the process tree below `root`, a region's first process as this machine numbers it. */
export function readCpu(root: number): Reading {
  const all = new Map<number, Process>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    const found = Number.isInteger(pid) && pid > 0 ? read(pid) : undefined
    if (found) all.set(pid, found)
  }
  const reading = new Map<number, { part: string; seconds: number }>()
  for (const [pid, { seconds }] of all) {
    let up: number | undefined = pid
    while (up !== undefined && up !== root) up = all.get(up)?.parent
    if (up !== root) continue
    try {
      const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean)
      reading.set(pid, { part: part(argv, readFileSync(`/proc/${pid}/environ`, 'utf8')), seconds })
    } catch {
      // The process ended between the two looks: what it used is not attributed.
    }
  }
  return reading
}

/** What was used between two looks, by part. A process that ended in between counts as nothing, never as less. */
export function usedBetween(before: Reading, after: Reading): Usage {
  const usage: Record<string, number> = {}
  for (const [pid, { part: name, seconds }] of after) {
    const was = before.get(pid)
    usage[name] = (usage[name] ?? 0) + seconds - (was?.part === name ? was.seconds : 0)
  }
  return usage
}
