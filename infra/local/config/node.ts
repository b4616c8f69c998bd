import type { AddressPlan } from '../address.ts'
import { domain, type RegionPaths } from '../state.ts'
import { yieldingClass } from './yielding.ts'

export const bridge = 'cni0'
export const uplink = 'uplink'
/** The image of every pod's first process; imported under this name besides its digest. */
export const pauseImage = 'localhost/neurodefender/pause:local'

/** What containers of pods that yield are made after: yielding.ts. */
export const yieldingSpecPath = (paths: RegionPaths): string => `${paths.run}/yielding.json`

/** containerd's configuration. What must not outlive the namespaces (tasks, sockets of shims) is below /run, which is a tmpfs there. */
export function containerdConfig(paths: RegionPaths, cniPlugins: string, snapshotter: 'overlayfs' | 'native'): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"'
  const runtime = (name: string, ...more: readonly string[]): string => `[${cri}.containerd.runtimes.${name}]
      ${['runtime_type = "io.containerd.runc.v2"', ...more].join('\n      ')}
      [${cri}.containerd.runtimes.${name}.options]
        SystemdCgroup = false`
  return `version = 2
root = "${paths.state}/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.internal.v1.opt", "io.containerd.internal.v1.tracing"]
[grpc]
  address = "${paths.containerdSocket}"
[ttrpc]
  address = "/run/containerd/containerd.ttrpc"
[${cri}]
  restrict_oom_score_adj = true
  sandbox_image = "${pauseImage}"
  stream_server_address = "127.0.0.1"
  disable_apparmor = true
  [${cri}.cni]
    bin_dir = "${cniPlugins}"
    conf_dir = "${paths.run}/cni"
  [${cri}.containerd]
    snapshotter = "${snapshotter}"
    default_runtime_name = "runc"
    ${runtime('runc')}
    ${runtime(yieldingClass, `base_runtime_spec = "${yieldingSpecPath(paths)}"`)}
`
}

/** One bridge for all pods. No masquerading: nothing leaves the region. */
export function cniConfig(name: string, plan: AddressPlan): object {
  return {
    cniVersion: '0.4.0',
    name,
    plugins: [
      {
        type: 'bridge',
        bridge,
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: '/run/cni',
          ranges: [
            [
              {
                subnet: plan.podCidr,
                rangeStart: plan.podRange.start,
                rangeEnd: plan.podRange.end,
                gateway: plan.nodeAddress,
              },
            ],
          ],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  }
}

/** The kubelet's configuration (kubelet.config.k8s.io/v1beta1). */
export function kubeletConfig(paths: RegionPaths, plan: AddressPlan, cgroup: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: plan.nodeAddress,
    port: 10250,
    readOnlyPort: 0,
    healthzBindAddress: '127.0.0.1',
    healthzPort: 10248,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${paths.pki}/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${paths.pki}/kubelet.crt`,
    tlsPrivateKeyFile: `${paths.pki}/kubelet.key`,
    containerRuntimeEndpoint: `unix://${paths.containerdSocket}`,
    clusterDNS: [plan.dnsAddress],
    clusterDomain: domain,
    resolvConf: '',
    podCIDR: plan.podCidr,
    podLogsDir: `${paths.log}/pods`,
    volumePluginDir: `${paths.run}/volume-plugins`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    maxPods: 110,
    // A developer's disk may be nearly full: the region must not evict its own pods or images for that.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '100Mi' },
    containerLogMaxSize: '10Mi',
    containerLogMaxFiles: 3,
    registryPullQPS: 0,
    eventRecordQPS: 0,
    kubeAPIQPS: 50,
    kubeAPIBurst: 100,
    // A killed container comes back in seconds, not after the default's growing five minutes.
    featureGates: { KubeletCrashLoopBackOffMax: true, ReduceDefaultCrashLoopBackOffDecay: true },
    crashLoopBackOff: { maxContainerRestartPeriod: '5s' },
  }
}
