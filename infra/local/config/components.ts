import type { AddressPlan } from '../address.ts'
import { apiServerPort, domain, type RegionFacts, type RegionPaths } from '../state.ts'
import type { Component, Probe } from '../supervisor/plan.ts'
import type { RegionTools } from './tools.ts'

const etcdUrl = 'https://127.0.0.1:2379'

/** Files that components read, in `<state>/run`. */
export const configFiles = {
  containerd: 'containerd.toml',
  kubelet: 'kubelet.json',
  admission: 'admission.json',
  kubeconfig: (user: string): string => `${user}.kubeconfig`,
} as const

/** Every process of a node: its command, what it waits for, and how its readiness shows. */
export function components(facts: RegionFacts, plan: AddressPlan, paths: RegionPaths, tools: RegionTools): Component[] {
  const pki = (file: string): string => `${paths.pki}/${file}`
  const run = (file: string): string => `${paths.run}/${file}`
  const config = (user: string): string => run(configFiles.kubeconfig(user))
  const admin = { ca: pki('ca.crt'), cert: pki('admin.crt'), key: pki('admin.key') }
  const healthz = (port: number): Probe => ({ kind: 'https', url: `https://127.0.0.1:${port}/healthz`, ...admin })
  const leader = (user: string, port: number): string[] => [
    `--kubeconfig=${config(user)}`,
    `--authentication-kubeconfig=${config(user)}`,
    `--authorization-kubeconfig=${config(user)}`,
    `--tls-cert-file=${pki(`${user}-server.crt`)}`,
    `--tls-private-key-file=${pki(`${user}-server.key`)}`,
    `--client-ca-file=${pki('ca.crt')}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--leader-elect=false',
    '--profiling=false',
  ]
  return [
    {
      name: 'etcd',
      command: [
        tools.bin('etcd'),
        `--data-dir=${paths.state}/etcd`,
        `--listen-client-urls=${etcdUrl}`,
        `--advertise-client-urls=${etcdUrl}`,
        '--listen-peer-urls=https://127.0.0.1:2380',
        '--initial-advertise-peer-urls=https://127.0.0.1:2380',
        '--initial-cluster=default=https://127.0.0.1:2380',
        '--client-cert-auth',
        `--trusted-ca-file=${pki('etcd-ca.crt')}`,
        `--cert-file=${pki('etcd-server.crt')}`,
        `--key-file=${pki('etcd-server.key')}`,
        '--peer-client-cert-auth',
        `--peer-trusted-ca-file=${pki('etcd-ca.crt')}`,
        `--peer-cert-file=${pki('etcd-server.crt')}`,
        `--peer-key-file=${pki('etcd-server.key')}`,
        '--auto-compaction-mode=periodic',
        '--auto-compaction-retention=1h',
        '--logger=zap',
      ],
      after: [],
      ready: {
        kind: 'https',
        url: `${etcdUrl}/health`,
        ca: pki('etcd-ca.crt'),
        cert: pki('etcd-client.crt'),
        key: pki('etcd-client.key'),
        contains: '"true"',
      },
      stopWithin: 10_000,
    },
    {
      name: 'containerd',
      command: [tools.bin('containerd'), '--config', run(configFiles.containerd)],
      after: [],
      ready: { kind: 'socket', path: paths.containerdSocket },
      stopWithin: 5_000,
    },
    {
      name: 'kube-apiserver',
      command: [
        tools.bin('kube-apiserver'),
        `--bind-address=${plan.nodeAddress}`,
        `--advertise-address=${plan.nodeAddress}`,
        `--secure-port=${apiServerPort}`,
        `--service-cluster-ip-range=${plan.serviceCidr}`,
        `--etcd-servers=${etcdUrl}`,
        `--etcd-cafile=${pki('etcd-ca.crt')}`,
        `--etcd-certfile=${pki('etcd-client.crt')}`,
        `--etcd-keyfile=${pki('etcd-client.key')}`,
        '--anonymous-auth=false',
        '--authorization-mode=Node,RBAC',
        '--enable-admission-plugins=NodeRestriction',
        `--admission-control-config-file=${run(configFiles.admission)}`,
        '--allow-privileged=false',
        `--tls-cert-file=${pki('apiserver.crt')}`,
        `--tls-private-key-file=${pki('apiserver.key')}`,
        `--client-ca-file=${pki('ca.crt')}`,
        `--kubelet-certificate-authority=${pki('ca.crt')}`,
        `--kubelet-client-certificate=${pki('apiserver-kubelet-client.crt')}`,
        `--kubelet-client-key=${pki('apiserver-kubelet-client.key')}`,
        '--kubelet-preferred-address-types=InternalIP',
        `--service-account-issuer=https://kubernetes.default.svc.${domain}`,
        `--service-account-key-file=${pki('sa.pub')}`,
        `--service-account-signing-key-file=${pki('sa.key')}`,
        `--requestheader-client-ca-file=${pki('front-proxy-ca.crt')}`,
        '--requestheader-allowed-names=front-proxy-client',
        '--requestheader-extra-headers-prefix=X-Remote-Extra-',
        '--requestheader-group-headers=X-Remote-Group',
        '--requestheader-username-headers=X-Remote-User',
        `--proxy-client-cert-file=${pki('front-proxy-client.crt')}`,
        `--proxy-client-key-file=${pki('front-proxy-client.key')}`,
        '--profiling=false',
      ],
      after: ['etcd'],
      ready: { kind: 'https', url: `${facts.apiServer}/readyz`, ...admin },
      stopWithin: 5_000,
    },
    {
      name: 'kube-controller-manager',
      command: [
        tools.bin('kube-controller-manager'),
        ...leader('controller-manager', 10257),
        '--use-service-account-credentials=true',
        `--service-account-private-key-file=${pki('sa.key')}`,
        `--root-ca-file=${pki('ca.crt')}`,
        '--node-monitor-grace-period=20s',
      ],
      after: ['kube-apiserver'],
      ready: healthz(10257),
      stopWithin: 3_000,
    },
    {
      name: 'kube-scheduler',
      command: [tools.bin('kube-scheduler'), ...leader('scheduler', 10259)],
      after: ['kube-apiserver'],
      ready: healthz(10259),
      stopWithin: 3_000,
    },
    {
      name: 'kubelet',
      command: [
        tools.bin('kubelet'),
        `--config=${run(configFiles.kubelet)}`,
        `--kubeconfig=${config('kubelet')}`,
        `--root-dir=${paths.state}/kubelet`,
        `--cert-dir=${paths.run}/kubelet-pki`,
        `--hostname-override=${facts.nodeName}`,
        `--node-ip=${plan.nodeAddress}`,
      ],
      after: ['kube-apiserver', 'containerd'],
      ready: { kind: 'http', url: 'http://127.0.0.1:10248/healthz' },
      stopWithin: 5_000,
    },
    {
      name: 'kube-proxy',
      command: [
        tools.bin('kube-proxy'),
        `--kubeconfig=${config('kube-proxy')}`,
        `--hostname-override=${facts.nodeName}`,
        '--proxy-mode=iptables',
        `--cluster-cidr=${plan.podCidr}`,
        `--nodeport-addresses=${plan.nodeAddress}/32`,
        '--conntrack-max-per-core=0',
        '--conntrack-tcp-timeout-established=0s',
        '--conntrack-tcp-timeout-close-wait=0s',
        '--healthz-bind-address=127.0.0.1:10256',
        '--metrics-bind-address=127.0.0.1:10249',
        '--oom-score-adj=0',
      ],
      after: ['kube-apiserver'],
      ready: { kind: 'http', url: 'http://127.0.0.1:10256/livez' },
      stopWithin: 3_000,
    },
  ]
}

/** Stopping: who starts containers first, who keeps the data last. */
export const stopOrder: readonly (readonly string[])[] = [
  ['kubelet', 'kube-controller-manager', 'kube-scheduler'],
  ['kube-proxy', 'containerd'],
  ['kube-apiserver'],
  ['etcd'],
]

/** Pods that say nothing else must meet the restricted profile. */
export const admissionConfig = {
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'AdmissionConfiguration',
  plugins: [
    {
      name: 'PodSecurity',
      configuration: {
        apiVersion: 'pod-security.admission.config.k8s.io/v1',
        kind: 'PodSecurityConfiguration',
        defaults: {
          enforce: 'restricted',
          'enforce-version': 'latest',
          audit: 'restricted',
          'audit-version': 'latest',
          warn: 'restricted',
          'warn-version': 'latest',
        },
        exemptions: { usernames: [], runtimeClasses: [], namespaces: [] },
      },
    },
  ],
} as const
