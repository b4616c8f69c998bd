import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { LocalRegionError } from './errors.ts'
import { tryCommand } from './host/command.ts'
import type { Toolchain } from './toolchain.ts'

/** What a region's state grows to with its images and a few million events. */
export const neededBytes = 6 * 2 ** 30
/** The kernel takes no longer path for a socket. */
const maxSocketPath = 107

export interface Machine {
  readonly platform: NodeJS.Platform
  readonly root: boolean
  /** Programs of the machine's own that were not found on PATH. */
  readonly missingPrograms: readonly string[]
  readonly missingTools: readonly string[]
  /** Why namespaces cannot be made, if so. */
  readonly namespaces: string | undefined
  /** Kernel features that could not be used inside namespaces. */
  readonly missingFeatures: readonly string[]
  readonly stateFolder: string
  readonly stateUsable: string | undefined
  readonly freeBytes: number
  readonly containerdSocket: string
}

const elsewhere =
  "What works without: 'make test-unit' needs no region; a Linux virtual machine or a privileged container with root runs one."

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`

/** Folders in whose place the region sees empty ones (config/inside.ts). */
const hidden = ['/run/', '/var/run/', '/var/log/'] as const

/** Everything that keeps a machine from running a region, each with what to do. Pure. */
export function findings(machine: Machine): string[] {
  if (machine.platform !== 'linux') return [`A region needs Linux; this is ${machine.platform}.`]
  const found: string[] = []
  if (!machine.root)
    found.push('A region needs root (namespaces, control groups, mounts): run it as root or with sudo.')
  for (const program of machine.missingPrograms)
    found.push(`'${program}' is not on PATH: install ${program === 'ip' ? 'iproute2' : 'util-linux'}.`)
  for (const tool of machine.missingTools)
    found.push(`The toolchain has no '${tool}': run 'make engine' again, or name a folder that has it.`)
  if (machine.namespaces)
    found.push(
      `Network, mount and PID namespaces cannot be made here (${machine.namespaces}): in a container, run it privileged.`,
    )
  for (const feature of machine.missingFeatures)
    found.push(`The kernel lacks ${feature}: load the module on the machine (modprobe), or use another kernel.`)
  if (hidden.some((folder) => machine.stateFolder.startsWith(folder)))
    found.push(
      `${machine.stateFolder} would be hidden from the region, which has a ${hidden.join(' and ')} of its own: set NEURODEFENDER_STATE to another folder.`,
    )
  else if (machine.stateUsable)
    found.push(
      `${machine.stateFolder} cannot hold a region (${machine.stateUsable}): set NEURODEFENDER_STATE to another folder.`,
    )
  else if (machine.freeBytes < neededBytes)
    found.push(
      `${machine.stateFolder} has ${gib(machine.freeBytes)} free and a region needs ${gib(neededBytes)}: make room, or set NEURODEFENDER_STATE to another disk.`,
    )
  const length = Buffer.byteLength(machine.containerdSocket)
  if (length > maxSocketPath)
    found.push(
      `${machine.containerdSocket} has ${length} bytes and a socket's path at most ${maxSocketPath}: set NEURODEFENDER_STATE to a shorter path.`,
    )
  return found
}

const programs = ['ip', 'unshare', 'mount']
const tools = [
  ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'],
  ...['containerd', 'containerd-shim-runc-v2', 'ctr', 'runc', 'iptables', 'iptables-restore', 'tini'],
]

/** A trial of every kernel feature in namespaces of its own, which end with it. Prints the features that failed. */
const trial = (iptables: string): string => `
{ ip link add t0 type bridge && ip link set t0 up; } >/dev/null 2>&1 || echo 'network bridges (bridge)'
ip link add t1 type veth peer name t2 >/dev/null 2>&1 || echo 'virtual links (veth)'
'${iptables}' -w -t nat -A OUTPUT -d 10.0.0.1 -p tcp -m comment --comment x -j DNAT --to-destination 10.0.0.2 >/dev/null 2>&1 || echo 'address translation (iptable_nat or nft_compat)'
'${iptables}' -w -A OUTPUT -d 10.0.0.1 -m conntrack --ctstate NEW -j REJECT >/dev/null 2>&1 || echo 'REJECT and conntrack rules (ipt_REJECT, xt_conntrack)'
test -e /proc/sys/net/bridge/bridge-nf-call-iptables || echo 'filtering on bridges (br_netfilter)'
mount -n -t tmpfs tmpfs /run >/dev/null 2>&1 || echo 'tmpfs mounts'
mkdir -p /run/l /run/u /run/w /run/m && mount -n -t overlay overlay -o lowerdir=/run/l,upperdir=/run/u,workdir=/run/w /run/m >/dev/null 2>&1 || echo 'layered mounts (overlay)'
exit 0`

/** Looks at this machine. Loads missing kernel modules where it may. */
export async function examine(state: string, containerdSocket: string, toolchain: Toolchain): Promise<Machine> {
  const platform = process.platform
  const root = process.getuid?.() === 0
  const missingPrograms = programs.filter((name) => !onPath(name))
  const missingTools = tools.filter((name) => !usable(() => toolchain.bin(name)))
  let namespaces: string | undefined
  let missingFeatures: string[] = []
  if (platform === 'linux' && root && !missingPrograms.length && !missingTools.length) {
    const modules = ['overlay', 'bridge', 'veth', 'br_netfilter', 'nf_nat', 'xt_conntrack', 'xt_comment']
    if (onPath('modprobe')) await tryCommand('modprobe', ['-aq', ...modules])
    const args = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--', 'sh', '-c']
    const { code, stdout, stderr } = await tryCommand('unshare', [...args, trial(toolchain.bin('iptables'))])
    if (code !== 0) namespaces = stderr.trim() || `code ${code}`
    else missingFeatures = stdout.split('\n').filter(Boolean)
  }
  let stateUsable: string | undefined
  let freeBytes = 0
  try {
    const folder = existing(state)
    accessSync(folder, constants.W_OK)
    const { bavail, bsize } = statfsSync(folder)
    freeBytes = bavail * bsize
  } catch (error) {
    stateUsable = error instanceof Error ? error.message : String(error)
  }
  return {
    ...{ platform, root, missingPrograms, missingTools, namespaces, missingFeatures },
    ...{ stateFolder: state, stateUsable, freeBytes, containerdSocket },
  }
}

/** Throws UNSUITABLE_MACHINE with every finding at once. */
export function demand(machine: Machine): void {
  const found = findings(machine)
  if (found.length)
    throw new LocalRegionError(
      'UNSUITABLE_MACHINE',
      `A local region cannot run on this machine:\n${found.map((f) => `  - ${f}`).join('\n')}\n${elsewhere}`,
    )
}

/** The folder itself, or the nearest above it that is there. */
function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder))
}

const onPath = (name: string): boolean =>
  (process.env.PATH ?? '').split(':').some((folder) => folder && existsSync(`${folder}/${name}`))

function usable(path: () => string): boolean {
  try {
    accessSync(path(), constants.X_OK)
    return true
  } catch {
    return false
  }
}
