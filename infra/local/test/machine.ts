import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hierarchies } from '../host/cgroups.ts'
import { hostLink } from '../host/network.ts'

/** What a region could leave behind, as text that can be compared. Other regions come and go: what is theirs is left out. */
export interface Machine {
  readonly mounts: readonly string[]
  readonly links: readonly string[]
  readonly routes: readonly string[]
  readonly rules: readonly string[]
  readonly cgroups: readonly string[]
  readonly files: readonly string[]
  readonly settings: readonly string[]
}

const folders = [
  '/run',
  '/var/lib',
  '/var/log',
  '/etc',
  '/etc/cni',
  '/opt',
  '/var/lib/kubelet',
  '/var/lib/cni',
  '/run/netns',
]
const settings = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'net/ipv4/ip_forward',
]

const lines = (command: string, ...args: string[]): string[] =>
  execFileSync(command, args, { encoding: 'utf8' }).split('\n').filter(Boolean)

/** Looks at the machine. `own` are the names of the regions under test, `networks` the starts of their addresses ("10.180."). */
export function lookAtMachine(iptablesSave: string, own: readonly string[]): Machine {
  const links = own.map(hostLink)
  const foreign = (name: string): boolean => name.startsWith('nd-') && !links.includes(name)
  const foreignLinks = readdirSync('/sys/class/net').filter(foreign)
  const foreignNetworks = lines('ip', '-4', 'route')
    .filter((line) => foreignLinks.some((link) => line.includes(` ${link} `)))
    .map((line) => line.split('.').slice(0, 2).join('.'))
  return {
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n').toSorted(),
    links: readdirSync('/sys/class/net').filter((name) => !foreign(name)),
    routes: lines('ip', '-4', 'route', 'show', 'table', 'all').filter(
      (line) => !foreignNetworks.some((start) => line.includes(`${start}.`)),
    ),
    rules: lines(iptablesSave).filter((line) => /^-[AP]/.test(line)),
    cgroups: hierarchies().flatMap(({ mount }) =>
      readdirSync(mount, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !foreign(entry.name))
        .map((entry) => `${mount}/${entry.name}`),
    ),
    files: folders.flatMap((folder) =>
      existsSync(folder) ? readdirSync(folder).map((name) => `${folder}/${name}`) : [],
    ),
    settings: settings.map((name) => `${name}=${readFileSync(`/proc/sys/${name}`, 'utf8').trim()}`),
  }
}

/** Identities of the namespaces of a process. */
export const namespacesOf = (pid: number): string[] =>
  ['net', 'mnt', 'pid'].map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`))

/** Every process that is in one of the namespaces, as "<pid> <name>". */
export function processesIn(namespaces: readonly string[]): string[] {
  return processes().flatMap((pid) => {
    try {
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
      return namespacesOf(pid).some((ns) => namespaces.includes(ns)) ? [`${pid} ${name}`] : []
    } catch {
      return []
    }
  })
}

/** This machine's number of the process that has `inner` as its number in the PID namespace of `init`. */
export function outerPid(init: number, inner: number): number {
  const space = readlinkSync(`/proc/${init}/ns/pid`)
  const found = processes().find((pid) => {
    try {
      if (readlinkSync(`/proc/${pid}/ns/pid`) !== space) return false
      return /^NSpid:.*\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] === String(inner)
    } catch {
      return false
    }
  })
  if (!found) throw new Error(`No process has the number ${inner} in the region.`)
  return found
}

const processes = (): number[] => readdirSync('/proc').map(Number).filter(Boolean)
