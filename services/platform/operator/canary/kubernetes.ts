import type { CanaryStatus } from '../../../../policies/model/ml-inference.ts'
import type { JsonPatch } from '../api/client.ts'
import type { KubeObject } from '../api/object.ts'
import { modelAnnotation, type Subset, selectorOf, selectorText, subsetName } from '../desired/names.ts'
import type { CanaryPorts } from '../operator.ts'
import { rolledOut } from '../status.ts'
import type { Cluster, Route, Told } from './controller.ts'
import type { CanaryObject } from './desired.ts'
import type { SubsetPods } from './walk/seen.ts'

/** Whose fields `status.canary` and the weights are. */
const canaryManager = 'neurodefender-canary'

/** More pods than a resource has at its largest. */
const mostPods = 500

interface HttpRoute {
  readonly route?: readonly { readonly weight?: number; readonly destination?: { readonly subset?: string } }[]
}

/** Where the weights of both subsets stand in a VirtualService: of every route that has both. */
function weightsIn({
  spec,
}: KubeObject): readonly { readonly path: string; readonly subset: Subset; readonly weight: number }[] {
  const { http = [] } = (spec ?? {}) as { readonly http?: readonly HttpRoute[] }
  return http.flatMap(({ route = [] }, i) => {
    const rows = route.flatMap(({ weight = 0, destination }, j) => {
      const { subset } = destination ?? {}
      return subset === 'stable' || subset === 'canary'
        ? [{ path: `/spec/http/${i}/route/${j}/weight`, subset, weight } as const]
        : []
    })
    return new Set(rows.map(({ subset }) => subset)).size === 2 ? rows : []
  })
}

/** The canary's cluster by the operator's API. Pods are listed anew at every look: what an informer knows may be old. */
export class KubernetesCluster implements Cluster {
  readonly #ports: Pick<CanaryPorts, 'api' | 'events'>

  constructor(ports: Pick<CanaryPorts, 'api' | 'events'>) {
    this.#ports = ports
  }

  async pods(object: CanaryObject, signal: AbortSignal) {
    const [stable, canary] = await Promise.all([
      this.#subset(object, 'stable', signal),
      this.#subset(object, 'canary', signal),
    ])
    return { stable, canary }
  }

  async #subset(
    { metadata: { name, namespace } }: CanaryObject,
    subset: Subset,
    signal: AbortSignal,
  ): Promise<SubsetPods> {
    const { api } = this.#ports
    const query = { labelSelector: selectorText(selectorOf(name, subset)), limit: `${mostPods}` }
    const [deployment, page] = await Promise.all([
      api.get({ kind: 'Deployment', namespace, name: subsetName(name, subset) }, signal),
      api.list('Pod', namespace, query, signal),
    ])
    const { replicas = 0 } = (deployment?.spec ?? {}) as { readonly replicas?: number }
    const settled = deployment !== undefined && replicas > 0 && rolledOut(deployment)
    return {
      ready: page.items.filter(answers).length,
      settledOn: settled ? deployment.metadata.annotations?.[modelAnnotation] : undefined,
    }
  }

  async route({ metadata: { name, namespace } }: CanaryObject, signal: AbortSignal): Promise<Route | undefined> {
    const found = await this.#ports.api.get({ kind: 'VirtualService', namespace, name }, signal)
    if (!found) return undefined
    const rows = weightsIn(found)
    if (rows.length === 0) return undefined
    const wrong = rows.some(
      ({ subset, weight }) => weight !== (subset === 'canary' ? weightOf(rows) : 100 - weightOf(rows)),
    )
    // Routes that differ, or do not make 100, were written by somebody else: no share is theirs.
    return { weight: wrong ? -1 : weightOf(rows), resourceVersion: found.metadata.resourceVersion ?? '' }
  }

  async shift(
    { metadata: { name, namespace } }: CanaryObject,
    route: Route,
    weight: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { api } = this.#ports
    const ref = { kind: 'VirtualService', namespace, name } as const
    const found = await api.get(ref, signal)
    if (!found) return
    const patch: JsonPatch[] = [
      // The places below are those of the version that was read; of another one this is refused.
      { op: 'test', path: '/metadata/resourceVersion', value: route.resourceVersion },
      ...weightsIn(found).map(
        ({ path, subset }): JsonPatch => ({ op: 'add', path, value: subset === 'canary' ? weight : 100 - weight }),
      ),
    ]
    await api.patch(ref, patch, { manager: canaryManager }, signal)
  }

  async say(
    { apiVersion, kind, metadata }: CanaryObject,
    state: CanaryStatus | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { name, namespace, uid, resourceVersion } = metadata
    const object: KubeObject = {
      apiVersion,
      kind,
      metadata: { name, namespace, uid, ...(resourceVersion ? { resourceVersion } : {}) },
      // Fields that are applied no more are taken away.
      status: state ? { canary: state } : {},
    }
    await this.#ports.api.apply(object, { manager: canaryManager, force: true, subresource: 'status' }, signal)
  }

  async tell(object: CanaryObject, { type, reason, note }: Told): Promise<void> {
    await this.#ports.events.tell(object as unknown as KubeObject, { type, reason, action: 'Canary', note })
  }
}

const weightOf = (rows: ReturnType<typeof weightsIn>): number =>
  rows.find(({ subset }) => subset === 'canary')?.weight ?? 0

/** Ready, and not going away. */
function answers({ metadata, status }: KubeObject): boolean {
  const { conditions = [] } = (status ?? {}) as {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
  return !metadata.deletionTimestamp && conditions.some((one) => one.type === 'Ready' && one.status === 'True')
}
