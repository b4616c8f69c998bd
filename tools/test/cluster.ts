import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { eventually } from '../../services/common/testing/processes.ts'

const run = promisify(execFile)

/** How to reach one region's API server and its container runtime. */
export interface ClusterAccess {
  readonly kubectl: string
  readonly kubeconfig: string
  readonly ctr: string
  readonly containerdSocket: string
}

interface Container {
  readonly id: string
  readonly restarts: number
  readonly pod: string
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string }
    readonly status: {
      readonly containerStatuses?: readonly {
        readonly name: string
        readonly containerID?: string
        readonly restartCount: number
        readonly ready: boolean
        readonly state: { readonly running?: object }
      }[]
    }
  }[]
}

const podsOf = (access: ClusterAccess, namespace: string, service: string): Promise<PodList> =>
  kubectl<PodList>(access, ['-n', namespace, 'get', 'pods', '-l', `app.kubernetes.io/name=${service}`])

/** The running containers of a service, one a pod; without those between two lives. */
export async function containers(
  access: ClusterAccess,
  namespace: string,
  service: string,
): Promise<readonly Container[]> {
  const pods = await podsOf(access, namespace, service)
  return pods.items.flatMap((pod) => {
    const status = pod.status.containerStatuses?.find((c) => c.state.running && c.containerID)
    if (!status) return []
    const id = status.containerID!.replace('containerd://', '')
    return [{ id, restarts: status.restartCount, pod: pod.metadata.name }]
  })
}

/** The restarts of all pods of a service, added up. */
export async function restarts(access: ClusterAccess, namespace: string, service: string): Promise<number> {
  const pods = await podsOf(access, namespace, service)
  return pods.items.flatMap((p) => p.status.containerStatuses ?? []).reduce((sum, c) => sum + c.restartCount, 0)
}

/** A signal to the container's first process. */
export async function signalTo(access: ClusterAccess, id: string, signal: 'SIGKILL' | 'SIGHUP'): Promise<void> {
  await run(access.ctr, ['-a', access.containerdSocket, '-n', 'k8s.io', 'tasks', 'kill', '-s', signal, id])
}

/** SIGKILL, as the kernel's out-of-memory killer would. */
export const kill9 = (access: ClusterAccess, id: string): Promise<void> => signalTo(access, id, 'SIGKILL')

/** `kubectl … -o json`. Throws with kubectl's own words. */
export async function kubectl<T>(access: ClusterAccess, args: readonly string[]): Promise<T> {
  const { stdout } = await run(access.kubectl, ['--kubeconfig', access.kubeconfig, ...args, '-o', 'json'], {
    maxBuffer: 64 << 20,
  })
  return JSON.parse(stdout) as T
}

/** Kinds of which the stacks make objects. */
const ownKinds = [
  ...['namespaces', 'serviceaccounts', 'configmaps', 'secrets', 'services', 'resourcequotas', 'persistentvolumes'],
  ...['deployments', 'statefulsets', 'jobs', 'networkpolicies', 'poddisruptionbudgets', 'storageclasses'],
  ...['clusterroles', 'clusterrolebindings', 'runtimeclasses'],
]

/** What stands in the cluster with the platform's label, as "<kind> <namespace>/<name>" or "<kind> <name>". */
export async function ownObjects(access: ClusterAccess): Promise<string[]> {
  const label = 'app.kubernetes.io/part-of=neurodefender'
  const { items } = await kubectl<{
    readonly items: readonly { readonly kind: string; readonly metadata: { name: string; namespace?: string } }[]
  }>(access, ['get', ownKinds.join(','), '-A', '-l', label])
  return items.map(({ kind, metadata: { name, namespace } }) => `${kind} ${namespace ? `${namespace}/` : ''}${name}`)
}

/** Repeats `probe` until it gives something; the bound is a fuse for a broken system, not a measurement. */
export const until = <T>(what: string, probe: () => Promise<T | undefined | false>, fuseMs = 240_000) =>
  eventually(what, probe, fuseMs, 250)
