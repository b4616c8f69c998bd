import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthority, issue, type KeyPair } from '../../../../infra/local/pki/authority.ts'
import { freePorts } from '../../../../services/common/testing/processes.ts'
import { Cluster } from '../kubernetes/cluster.ts'
import { Connection, pause } from '../kubernetes/connection.ts'
import { readKubeconfig } from '../kubernetes/kubeconfig.ts'
import type { JsonObject } from '../kubernetes/wire.ts'

/** A real API server with its store and controllers on loopback, without a node: enough for everything but running pods. */
export interface ControlPlane {
  readonly folder: string
  readonly kubeconfig: string
  readonly cluster: Cluster
  stop(): Promise<void>
}

/** What Services get their addresses from. */
export const clusterIps = '10.99.0.0/24'

export interface ControlPlaneOptions {
  /** An AdmissionConfiguration. Default: none, and the server's own. */
  readonly admission?: object
}

/** Starts one from executables: `bin` finds etcd, kube-apiserver and kube-controller-manager. Its folder goes with it. */
export async function startControlPlane(
  bin: (name: string) => string,
  { admission }: ControlPlaneOptions = {},
): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'nd-control-plane-'))
  const children: ChildProcess[] = []
  const at = (name: string) => join(folder, name)
  const start = (name: string, args: string[]) => {
    const log = openSync(at(`${name}.log`), 'a')
    children.push(spawn(bin(name), args, { cwd: folder, stdio: ['ignore', log, log] }))
  }
  const stop = async () => {
    for (const child of children.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    }
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const [api, store, peer, controllers] = (await freePorts(4)) as [number, number, number, number]
    const authority = await createAuthority('test')
    const write = (name: string, { certificate, key }: KeyPair) => {
      writeFileSync(at(`${name}.crt`), certificate)
      writeFileSync(at(`${name}.key`), key, { mode: 0o600 })
    }
    write('ca', authority)
    write(
      'server',
      await issue(authority, {
        commonName: 'kube-apiserver',
        dns: ['localhost'],
        ip: ['127.0.0.1'],
        usage: ['server'],
      }),
    )
    write(
      'etcd',
      await issue(authority, {
        commonName: 'etcd',
        dns: ['localhost'],
        ip: ['127.0.0.1'],
        usage: ['server', 'client'],
      }),
    )
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    writeFileSync(at('sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    writeFileSync(at('sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
    const kubeconfig = async (name: string, commonName: string, organization: string) => {
      const user = await issue(authority, { commonName, organization, usage: ['client'] })
      const base64 = (text: string) => Buffer.from(text).toString('base64')
      const config = {
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [
          {
            name: 'c',
            cluster: {
              server: `https://127.0.0.1:${api}`,
              'certificate-authority-data': base64(authority.certificate),
            },
          },
        ],
        users: [
          {
            name: 'u',
            user: { 'client-certificate-data': base64(user.certificate), 'client-key-data': base64(user.key) },
          },
        ],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }
      writeFileSync(at(name), JSON.stringify(config), { mode: 0o600 })
      return at(name)
    }
    const admin = await kubeconfig('admin.kubeconfig', 'admin', 'system:masters')
    const manager = await kubeconfig('controllers.kubeconfig', 'system:kube-controller-manager', 'controllers')

    start('etcd', [
      ...['--data-dir', at('etcd'), '--unsafe-no-fsync', '--name', 'e', '--logger', 'zap'],
      ...[
        '--listen-client-urls',
        `https://127.0.0.1:${store}`,
        '--advertise-client-urls',
        `https://127.0.0.1:${store}`,
      ],
      ...[
        '--listen-peer-urls',
        `http://127.0.0.1:${peer}`,
        '--initial-advertise-peer-urls',
        `http://127.0.0.1:${peer}`,
      ],
      ...[
        '--initial-cluster',
        `e=http://127.0.0.1:${peer}`,
        '--cert-file',
        at('etcd.crt'),
        '--key-file',
        at('etcd.key'),
      ],
      ...['--client-cert-auth', '--trusted-ca-file', at('ca.crt')],
    ])
    if (admission) writeFileSync(at('admission.json'), JSON.stringify(admission))
    start('kube-apiserver', [
      ...(admission ? [`--admission-control-config-file=${at('admission.json')}`] : []),
      ...[`--etcd-servers=https://127.0.0.1:${store}`, `--etcd-cafile=${at('ca.crt')}`],
      ...[`--etcd-certfile=${at('etcd.crt')}`, `--etcd-keyfile=${at('etcd.key')}`, '--anonymous-auth=false'],
      ...[
        '--bind-address=127.0.0.1',
        `--secure-port=${api}`,
        '--advertise-address=127.0.0.1',
        '--endpoint-reconciler-type=none',
      ],
      ...[
        `--service-cluster-ip-range=${clusterIps}`,
        `--tls-cert-file=${at('server.crt')}`,
        `--tls-private-key-file=${at('server.key')}`,
      ],
      ...[
        `--client-ca-file=${at('ca.crt')}`,
        '--authorization-mode=RBAC',
        '--service-account-issuer=https://kubernetes.default.svc',
      ],
      ...[`--service-account-key-file=${at('sa.pub')}`, `--service-account-signing-key-file=${at('sa.key')}`],
    ])
    const cluster = new Cluster(new Connection(readKubeconfig(admin)), 'default')
    await until(60_000, at('kube-apiserver.log'), () =>
      cluster.connection.text({ path: '/readyz' }).then((text) => text === 'ok'),
    )
    start('kube-controller-manager', [
      ...[`--kubeconfig=${manager}`, `--authentication-kubeconfig=${manager}`, `--authorization-kubeconfig=${manager}`],
      ...[
        '--bind-address=127.0.0.1',
        `--secure-port=${controllers}`,
        '--leader-elect=false',
        '--use-service-account-credentials',
      ],
      ...[`--service-account-private-key-file=${at('sa.key')}`, `--root-ca-file=${at('ca.crt')}`],
      // Nobody reports for the node that playKubelet() makes, nor renews its lease.
      '--node-startup-grace-period=1h',
      '--node-monitor-grace-period=1h',
    ])
    const account = { apiVersion: 'v1', kind: 'ServiceAccount' }
    await until(
      60_000,
      at('kube-controller-manager.log'),
      async () => (await cluster.get(account, 'default/default')) !== undefined,
    )
    return {
      folder,
      kubeconfig: admin,
      cluster,
      async stop() {
        cluster.connection.close()
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function until(timeout: number, log: string, is: () => Promise<boolean>): Promise<void> {
  const start = performance.now()
  for (;;) {
    if (await is().catch(() => false)) return
    if (performance.now() - start > timeout)
      throw new Error(`The control plane did not come up:\n${readFileSync(log, 'utf8').slice(-2_000)}`)
    await pause(200)
  }
}

interface Pod {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly deletionTimestamp?: string }
  readonly spec: { readonly nodeName?: string; readonly containers: readonly { name: string; image: string }[] }
  readonly status?: { readonly phase?: string }
}

/**
 * Makes a node, gives it every pod and says of each that it runs, as a scheduler and a kubelet would. Pods whose image ends
 * with `:broken` crash instead. Answers the function that ends it.
 */
export async function playKubelet({ connection }: Cluster): Promise<() => Promise<void>> {
  await connection.send({
    method: 'POST',
    path: '/api/v1/nodes',
    body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'paper' } },
  })
  const over = new AbortController()
  const loop = (async () => {
    while (!over.signal.aborted) {
      const list = await connection.send({ path: '/api/v1/pods' }).catch(() => ({}))
      const pods = ((list as { items?: unknown }).items ?? []) as Pod[]
      await Promise.allSettled(pods.map((pod) => treat(connection, pod)))
      await pause(150, over.signal).catch(() => undefined)
    }
  })()
  return async () => {
    over.abort(new Error('over'))
    await loop
  }
}

async function treat(connection: Connection, pod: Pod): Promise<void> {
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`
  if (pod.metadata.deletionTimestamp) {
    await connection.send({ method: 'DELETE', path, query: { gracePeriodSeconds: '0' } })
    return
  }
  if (!pod.spec.nodeName) {
    const target = { apiVersion: 'v1', kind: 'Node', name: 'paper' }
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name: pod.metadata.name }, target }
    await connection.send({ method: 'POST', path: `${path}/binding`, body })
  }
  if (pod.status?.phase !== 'Pending') return
  const body = { status: statusOf(pod) } as JsonObject
  await connection.send({ method: 'PATCH', path: `${path}/status`, contentType: 'application/merge-patch+json', body })
}

function statusOf(pod: Pod): object {
  const broken = pod.spec.containers.some(({ image }) => image.endsWith(':broken'))
  const now = new Date().toISOString()
  const state = broken
    ? { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' } }
    : { running: { startedAt: now } }
  const last = { terminated: { exitCode: 1, reason: 'Error', startedAt: now, finishedAt: now } }
  const condition = { status: broken ? 'False' : 'True', lastTransitionTime: now }
  return {
    phase: 'Running',
    podIP: `10.98.0.${1 + ((randomBytes(1)[0] as number) % 250)}`,
    conditions: ['Ready', 'ContainersReady'].map((type) => ({ type, ...condition })),
    containerStatuses: pod.spec.containers.map(({ name, image }) => ({
      ...{ name, image, imageID: image, ready: !broken, restartCount: broken ? 3 : 0, state },
      ...(broken ? { lastState: last } : {}),
    })),
  }
}
