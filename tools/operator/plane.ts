import { readFileSync } from 'node:fs'
import { mlInferenceDefinition } from '../../infra/kubernetes/crds/ml-inference.ts'
import type { Manifest } from '../../infra/kubernetes/synthesize.ts'
import { HttpsTransport } from '../../services/platform/operator/api/transport.ts'
import { ensure } from '../engine/ensure.ts'
import { readKubeconfig } from '../engine/pulumi/kubernetes/kubeconfig.ts'
import { type ControlPlane, playKubelet, startControlPlane } from '../engine/pulumi/testing/control-plane.ts'
import { fetchDefinitions } from '../schemas/fetch.ts'
import { modules } from '../schemas/modules.ts'
import { define } from '../schemas/testing/dry-run.ts'

/** The definitions of a module of others, of these kinds alone. */
export async function definitionsOf(module: string, kinds: readonly string[]): Promise<readonly Manifest[]> {
  const pin = modules.find((one) => one.module === module)
  if (!pin) throw new RangeError(`tools/schemas/modules.ts has no ${module}.`)
  const all = await fetchDefinitions(pin, { environment: process.env })
  return all.filter(({ spec }) => kinds.includes(spec.names.kind)) as unknown as readonly Manifest[]
}

/** A control plane on which an MLInference can be, for tests. */
export interface InferencePlane {
  readonly plane: ControlPlane
  /** Everything is allowed to who comes by it: it is the test. */
  readonly transport: HttpsTransport
  readonly ca: string
  stop(): Promise<void>
}

/** A real API server with its store and controllers, a node on paper whose pods run at once, our definition and Istio's, and the namespace. */
export async function inferencePlane(): Promise<InferencePlane> {
  const tools = await ensure(['kubernetes', 'etcd'])
  const plane = await startControlPlane((name) => tools.bin(name))
  const stops: (() => unknown)[] = [() => plane.stop()]
  const stop = async () => {
    for (const end of stops.toReversed()) await end()
  }
  try {
    stops.push(await playKubelet(plane.cluster))
    await define(plane.cluster, [
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'mlinferences.neurodefender.io' },
        spec: mlInferenceDefinition,
      } as unknown as Manifest,
      ...(await definitionsOf('istio.io/api', ['VirtualService', 'DestinationRule'])),
    ])
    const { connection } = plane.cluster
    await connection.send({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: 'ngfw' } } })
    const { server, ca = '', certificate = '', key = '' } = readKubeconfig(readFileSync(plane.kubeconfig, 'utf8'))
    const transport = new HttpsTransport({ server, ca, certificate, key })
    stops.push(() => transport.close())
    return { plane, transport, ca, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
