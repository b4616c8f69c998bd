import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AddressPlan, addressPlan } from './address.ts'
import { admissionConfig, components, configFiles, stopOrder } from './config/components.ts'
import { preparations } from './config/inside.ts'
import { kubeconfig } from './config/kubeconfig.ts'
import { bridge, cniConfig, containerdConfig, kubeletConfig, uplink, yieldingSpecPath } from './config/node.ts'
import { regionTools } from './config/tools.ts'
import { yieldingSpec } from './config/yielding.ts'
import { clearRuntime, refuseForeign } from './down.ts'
import { explainFullDisk, LocalRegionError } from './errors.ts'
import { readJson, writeFileAtomic, writeJson } from './files.ts'
import { createCgroups, regionCgroup } from './host/cgroups.ts'
import { command } from './host/command.ts'
import { claimNetwork, connectHost } from './host/network.ts'
import { type RegionTree, runningTree, startTree } from './host/tree.ts'
import { withLock } from './lock.ts'
import { ensureClusterPki } from './pki/cluster.ts'
import { ensureWorkloadPki } from './pki/workload.ts'
import { demand, examine } from './preflight.ts'
import type { Profile } from './profile.ts'
import { ensureSecrets } from './secrets.ts'
import {
  planFile,
  profileOf,
  type Region,
  type RegionFacts,
  type RegionPaths,
  readRegion,
  regionFacts,
  regionPaths,
} from './state.ts'
import type { SupervisorPlan, SupervisorStatus } from './supervisor/plan.ts'
import { kedaDefinitions, meshDefinitions, type Toolchain } from './toolchain.ts'
import { ensureVolumes } from './volumes.ts'

export interface StartOptions {
  readonly name: string
  readonly toolchain: Toolchain
  readonly stateRoot: string
  readonly cacheRoot: string
  /** @default the profile that the region has, else core */
  readonly profile?: Profile | undefined
  /** One line on what happens now. */
  readonly onProgress?: (text: string) => void
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until the node must be Ready. Default: 180,000. */
  readonly timeout?: number
}

const logLimit = 16 * 2 ** 20
const supervisorMain = join(import.meta.dirname, 'supervisor', 'main.ts')

/**
 * Brings the region up, or finds it up. A region that was stopped with its data, or that crashed, continues. Throws OTHER_PROFILE,
 * UNSUITABLE_MACHINE, NAME_TAKEN, ADDRESS_TAKEN, NO_FREE_ADDRESSES, BUSY, START_TIMEOUT or COMPONENT_FAILED.
 */
export async function startRegion(options: StartOptions): Promise<Region> {
  const { name, toolchain, stateRoot, signal } = options
  const paths = regionPaths(stateRoot, name)
  const profile = chooseProfile(name, stateRoot, options.profile)
  if (runningTree(paths) && status(paths)?.phase === 'ready') return withProfile(name, stateRoot, profile, toolchain)
  refuseForeign(name, paths)
  options.onProgress?.('looking at the machine')
  demand(await examine(paths.state, paths.containerdSocket, toolchain))
  await withLock(join(paths.run, 'lock'), 300_000, async () => {
    for (const folder of [paths.run, paths.log]) mkdirSync(folder, { recursive: true, mode: 0o700 })
    const running = runningTree(paths)
    if (running && status(paths)?.phase === 'ready') return
    await clearRuntime(name, paths)
    signal?.throwIfAborted()
    const plan = await claim(name, stateRoot, paths, profile)
    try {
      const facts = regionFacts(name, plan, profile)
      options.onProgress?.('certificates and configuration')
      await configure(facts, plan, paths, toolchain)
      createCgroups(name)
      const tini = toolchain.bin('tini')
      const tree = await startTree(paths, [
        tini,
        '--',
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        supervisorMain,
        planFile(paths),
      ])
      await connectHost(name, plan, tree.init.pid)
      await nodeReady(tree, paths, options)
    } catch (error) {
      await clearRuntime(name, paths).catch((left: Error) => {
        left.cause ??= error
        throw left
      })
      throw explainFullDisk(error, paths.state)
    }
  })
  return withProfile(name, stateRoot, profile, toolchain)
}

const status = (paths: RegionPaths): SupervisorStatus | undefined => readJson(join(paths.run, 'status.json'))

/**
 * What the region is to be. A region grows and does not shrink: what is in `full` alone keeps objects whose controllers would be gone before
 * them. Throws OTHER_PROFILE.
 */
export function chooseProfile(name: string, stateRoot: string, asked: Profile | undefined): Profile {
  const has = profileOf(name, stateRoot)
  if (has === 'full' && asked === 'core')
    throw new LocalRegionError(
      'OTHER_PROFILE',
      `The region '${name}' has the profile full, and a region does not shrink: take it away first (make down), or take another name (NEURODEFENDER_REGION).`,
    )
  return asked ?? has ?? 'core'
}

/**
 * Writes down what the stacks read of the profile, and answers the region. One that runs already may be from before a part was there: it gets
 * that part's certificates too.
 */
async function withProfile(name: string, stateRoot: string, profile: Profile, toolchain: Toolchain): Promise<Region> {
  const { paths, index } = readRegion(name, stateRoot)
  await withLock(join(paths.run, 'lock'), 300_000, () => ensureWorkloadPki(paths.workloadPki, addressPlan(index)))
  if (profile === 'full') {
    copyFileSync(join(toolchain.path('istiod'), meshDefinitions), paths.meshDefinitions)
    const files = kedaDefinitions.map((file) => readFileSync(join(toolchain.path('keda'), file), 'utf8'))
    writeFileAtomic(paths.kedaDefinitions, files.join(''))
  }
  const facts = readJson<RegionFacts>(paths.facts)
  if (facts && facts.profile !== profile) writeJson(paths.facts, { ...facts, profile })
  return readRegion(name, stateRoot)
}

/** The region's own network when it has one already, else a free one. region.json is written at once: it is what a crash leaves to clean by. */
async function claim(name: string, stateRoot: string, paths: RegionPaths, profile: Profile): Promise<AddressPlan> {
  const own = readJson<RegionFacts>(paths.facts)
  const others = readdirSync(stateRoot).filter((other) => other !== name && !other.startsWith('.'))
  const reserved = others.flatMap((other) => readJson<RegionFacts>(join(stateRoot, other, 'region.json'))?.index ?? [])
  const plan = await claimNetwork(new Set(reserved), own && addressPlan(own.index))
  writeJson(paths.facts, regionFacts(name, plan, profile))
  return plan
}

/** Writes everything the region's processes read. */
async function configure(
  facts: RegionFacts,
  plan: AddressPlan,
  paths: RegionPaths,
  toolchain: Toolchain,
): Promise<void> {
  const tools = regionTools(toolchain)
  await ensureClusterPki(paths.pki, plan, facts.nodeName)
  await ensureWorkloadPki(paths.workloadPki, plan)
  ensureSecrets(paths.secrets, 'local')
  ensureVolumes(paths.volumes)
  for (const folder of ['etcd', 'containerd', 'kubelet', 'pulumi', 'log/pods', 'run/volume-plugins'])
    mkdirSync(join(paths.state, folder), { recursive: true, mode: 0o700 })
  const cgroup = regionCgroup(facts.name)
  writeJson(join(paths.run, configFiles.kubelet), kubeletConfig(paths, plan, cgroup))
  writeJson(join(paths.run, configFiles.admission), admissionConfig)
  writeJson(join(paths.run, 'cni', '10-region.conflist'), cniConfig(facts.name, plan))
  writeFileAtomic(join(paths.run, configFiles.containerd), containerdConfig(paths, tools.cniPlugins, 'overlayfs'))
  writeJson(yieldingSpecPath(paths), yieldingSpec(JSON.parse(await command(tools.bin('ctr'), ['oci', 'spec']))))
  for (const user of ['kubelet', 'kube-proxy', 'controller-manager', 'scheduler'])
    writeFileAtomic(
      join(paths.run, configFiles.kubeconfig(user)),
      kubeconfig(facts.apiServer, facts.name, user, paths.pki, user),
    )
  writeFileAtomic(paths.kubeconfig, kubeconfig(facts.apiServer, facts.name, 'admin', paths.pki, 'admin'))
  const pki = (file: string): string => join(paths.pki, file)
  const supervisorPlan: SupervisorPlan = {
    region: facts.name,
    statusFile: join(paths.run, 'status.json'),
    logFolder: paths.log,
    logLimit,
    path: tools.path,
    cgroup,
    prepare: preparations(plan, tools.bin('iptables'), [paths.state]),
    uplink,
    bridge,
    components: components(facts, plan, paths, tools),
    stopOrder,
    node: {
      name: facts.nodeName,
      api: facts.apiServer,
      ca: pki('ca.crt'),
      cert: pki('admin.crt'),
      key: pki('admin.key'),
    },
    containers: { ctr: tools.bin('ctr'), socket: paths.containerdSocket, stopWithin: 20_000 },
  }
  writeJson(planFile(paths), supervisorPlan)
  rmSync(supervisorPlan.statusFile, { force: true })
}

/** Waits for the supervisor's word. A component that keeps falling before it was ever ready is an error at once. */
async function nodeReady(tree: RegionTree, paths: RegionPaths, options: StartOptions): Promise<void> {
  const { signal, onProgress, timeout = 180_000 } = options
  const start = performance.now()
  for (;;) {
    signal?.throwIfAborted()
    const now = status(paths)
    if (now?.phase === 'ready') return
    const parts = Object.entries(now?.components ?? {})
    const fallen = parts.find(([, c]) => c.readyAfter === undefined && c.restarts >= 4)
    if (now?.phase === 'failed' || fallen || !runningTree(paths))
      throw new LocalRegionError(
        'COMPONENT_FAILED',
        fallen
          ? `${fallen[0]} does not start (${fallen[1].lastExit}): ${lastWords(join(paths.log, `${fallen[0]}.log`))}`
          : `The region ended while starting: ${now?.error ?? lastWords(join(paths.log, 'supervisor.log'))}. Logs: ${paths.log}.`,
      )
    const waiting = parts.filter(([, c]) => c.state !== 'ready').map(([component]) => component)
    onProgress?.(
      parts.length ? `waiting for ${waiting.join(', ') || `node ${options.name}-0`}` : 'starting the supervisor',
    )
    if (performance.now() - start > timeout)
      throw new LocalRegionError(
        'START_TIMEOUT',
        `Node not Ready after ${Math.round(timeout / 1_000)} s; waiting for ${waiting.join(', ') || 'the kubelet'}. Logs: ${paths.log} (init process ${tree.init.pid}).`,
      )
    await sleep(200)
  }
}

function lastWords(log: string): string {
  try {
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
    const full = lines.some((line) => line.includes('no space left on device'))
    return (full ? 'the disk is full: make room and run it again. ' : '') + lines.slice(-3).join(' | ').slice(-600)
  } catch {
    return `nothing in ${log}`
  }
}
