import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manifestsOf } from '../../infra/kubernetes/test/manifests.ts'
import { freePort, Processes, until } from '../../services/common/testing/processes.ts'
import { testTls } from '../../services/common/testing/server.ts'
import { Client } from '../../services/platform/operator/api/client.ts'
import { UnreachableError } from '../../services/platform/operator/api/errors.ts'
import type { KubeObject } from '../../services/platform/operator/api/object.ts'
import type { Transport } from '../../services/platform/operator/api/transport.ts'
import { ApiProxy, type Passing } from '../../services/platform/operator/testing/api-proxy.ts'
import { cloudRegion } from '../../services/platform/operator/testing/fixtures.ts'
import type { ControlPlane } from '../engine/pulumi/testing/control-plane.ts'
import { inferencePlane } from './plane.ts'

/** A transport, for a test on a machine that may be too busy to answer: what had no answer is asked again. All that the test sends may be sent twice. */
const patient = (transport: Transport): Transport => ({
  stream: (call) => transport.stream(call),
  send: async (call) => {
    for (let attempt = 1; ; attempt++)
      try {
        return await transport.send(call)
      } catch (error) {
        if (!(error instanceof UnreachableError) || attempt === 5) throw error
      }
  },
})

/** Whether an operator's call writes what it is for: neither its lease nor news. */
export const written = ({ method, url }: Passing): boolean =>
  method !== 'GET' && !url.includes('/leases') && !url.includes('/events')

/**
 * A real API server with its store and controllers, a node on paper whose pods run at once, our definition and Istio's, and the operator's
 * own account with the rights that the chart gives it in a cloud. Operators are processes; each has a proxy of its own to the server.
 */
export class Ground {
  readonly plane: ControlPlane
  /** Everything is allowed to it: it is the test. */
  readonly admin: Client
  readonly processes: Processes
  readonly #stops: (() => unknown)[]
  readonly #ca: string
  readonly #folder: string

  private constructor(
    plane: ControlPlane,
    admin: Client,
    processes: Processes,
    stops: (() => unknown)[],
    files: { ca: string; folder: string },
  ) {
    this.plane = plane
    this.admin = admin
    this.processes = processes
    this.#stops = stops
    this.#ca = files.ca
    this.#folder = files.folder
  }

  static async create(): Promise<Ground> {
    const { plane, transport, ca, stop } = await inferencePlane()
    const stops: (() => unknown)[] = [stop]
    const { authority, tls } = await testTls('operator')
    stops.push(() => tls.close())
    const folder = join(authority.root, 'operator')
    const { send } = plane.cluster.connection
    const api = send.bind(plane.cluster.connection)
    // Its rights are those of the chart, and no others.
    for (const manifest of manifestsOf('prod').values()) {
      const { kind, metadata } = manifest
      const own = metadata.namespace === 'ngfw' && ['operator', 'ml-inference'].includes(metadata.name)
      if (own && ['ServiceAccount', 'Role', 'RoleBinding'].includes(kind))
        await plane.cluster.apply(manifest, manifest as never, { dryRun: false })
    }
    const token = (await api({
      method: 'POST',
      path: '/api/v1/namespaces/ngfw/serviceaccounts/operator/token',
      body: { spec: { expirationSeconds: 7200 } },
    })) as { status: { token: string } }
    const files = {
      token: join(authority.root, 'token'),
      password: join(authority.root, 'password'),
      region: join(authority.root, 'region.json'),
    }
    writeFileSync(files.token, token.status.token, { mode: 0o600 })
    writeFileSync(files.password, 'nobody asks', { mode: 0o600 })
    writeFileSync(files.region, JSON.stringify({ ...cloudRegion, zonesBind: false, placement: { general: {} } }))
    const processes = new Processes({
      PATH: process.env.PATH,
      ND_REGION: 'local',
      ND_ENVIRONMENT: 'local',
      ND_TLS_DIR: folder,
      ND_LISTEN: '127.0.0.1',
      ND_NAMESPACE: 'ngfw',
      ND_INFERENCE_REGION_FILE: files.region,
      ND_API_CA_FILE: join(folder, 'ca.crt'),
      ND_API_TOKEN_FILE: files.token,
      // No candidate walks here, so Prometheus is never asked.
      ND_PROMETHEUS_URL: 'https://127.0.0.1:1',
      ND_PROMETHEUS_USER: 'nd',
      ND_PROMETHEUS_PASSWORD_FILE: files.password,
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
    })
    stops.push(() => processes.killAll())
    return new Ground(plane, new Client(patient(transport)), processes, stops, { ca, folder })
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.toReversed()) await stop()
  }

  /** A way to the API server for one operator. */
  async proxy(): Promise<{ readonly proxy: ApiProxy; readonly port: number }> {
    const proxy = new ApiProxy({ server: this.plane.cluster.connection.server, ca: this.#ca, folder: this.#folder })
    const port = await proxy.listen()
    this.#stops.push(() => proxy.close())
    return { proxy, port }
  }

  /** Starts an operator whose API server is behind that port. */
  async operator(port: number, name: string) {
    return this.processes.run(new URL('../../services/platform/operator/main.ts', import.meta.url), {
      KUBERNETES_SERVICE_PORT: `${port}`,
      ND_ADMIN_PORT: `${await freePort()}`,
      ND_POD: name,
    })
  }

  async holder(): Promise<string> {
    const lease = await this.admin.get({ kind: 'Lease', namespace: 'ngfw', name: 'neurodefender-operator' })
    return (lease?.spec as { holderIdentity?: string } | undefined)?.holderIdentity?.split('_')[0] ?? ''
  }

  /** As if the time of a dead leader's lease were over. */
  async expireLease(): Promise<void> {
    const ref = { kind: 'Lease', namespace: 'ngfw', name: 'neurodefender-operator' } as const
    const lease = await this.admin.get(ref)
    if (lease?.metadata.uid) await this.admin.delete(ref, { uid: lease.metadata.uid })
  }

  /** Deletes the resource of the tests, and waits until everything of it is gone. */
  async remove(): Promise<void> {
    const ref = { kind: 'MLInference', namespace: 'ngfw', name: 'threat-detection' } as const
    const object = await this.admin.get(ref)
    if (object?.metadata.uid) await this.admin.delete(ref, { uid: object.metadata.uid })
    await until('everything of the resource is gone', async () => (await this.state()).length === 0, 120_000)
  }

  async apply(object: KubeObject): Promise<KubeObject> {
    return this.admin.apply(object, { manager: 'kubectl', force: true })
  }

  /** Everything in the namespace that belongs to a resource, without what differs between two that are alike. */
  async state(): Promise<readonly unknown[]> {
    const kinds = [
      'ConfigMap',
      'Service',
      'PodDisruptionBudget',
      'Deployment',
      'DestinationRule',
      'VirtualService',
      'MLInference',
    ] as const
    const lists = await Promise.all(kinds.map((kind) => this.admin.list(kind, 'ngfw', {})))
    return lists.flatMap(({ items }) =>
      items
        .filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt')
        .map(({ metadata, spec, data, status, kind }) => {
          const { clusterIP, clusterIPs, ...rest } = (spec ?? {}) as Record<string, unknown>
          const { labels, name, finalizers, ownerReferences } = metadata
          const own = kind === 'MLInference' ? { status } : {}
          const owners = ownerReferences?.map((owner) => owner.name)
          return JSON.parse(
            JSON.stringify({ kind, name, labels, finalizers, owners, spec: rest, data, ...own }).replaceAll(
              /"(lastTransitionTime|observedGeneration)":("[^"]*"|\d+)/g,
              '"$1":""',
            ),
          )
        }),
    )
  }

  /** The state once every pod of the resource is there and its status says so. */
  async settled(what: string): Promise<readonly unknown[]> {
    await until(`${what} settles: ${this.processes.output.slice(-1_500)}`, () => this.calm(), 60_000)
    return this.state()
  }

  async calm(): Promise<boolean> {
    const object = await this.admin.get({ kind: 'MLInference', namespace: 'ngfw', name: 'threat-detection' })
    const status = (object?.status ?? {}) as {
      observedGeneration?: number
      conditions?: { type: string; status: string }[]
    }
    const is = (type: string, value: string) =>
      status.conditions?.some((one) => one.type === type && one.status === value)
    return (
      status.observedGeneration === object?.metadata.generation &&
      is('Available', 'True') === true &&
      is('Progressing', 'False') === true
    )
  }
}
