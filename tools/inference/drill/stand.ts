import { setTimeout as delay } from 'node:timers/promises'
import type { CanaryStatus, Model as ModelSpec } from '../../../policies/model/ml-inference.ts'
import { traffic } from '../../../policies/traffic.ts'
import {
  CanaryController,
  type Cluster,
  type Route,
  type Told,
} from '../../../services/platform/operator/canary/controller.ts'
import { type CanaryObject, desired, modelId } from '../../../services/platform/operator/canary/desired.ts'
import { GatewayEvidence } from '../../../services/platform/operator/canary/evidence/gateway.ts'
import { Envoy, type Subset } from './envoy.ts'
import { type Model, Pod } from './pod.ts'
import { Samples } from './samples.ts'

/** Somebody wrote since. */
class Conflict extends Error {}

export const modelSpec = (version: string): ModelSpec => ({
  version,
  uri: `file:///models/${version}.onnx`,
  sha256: version.charCodeAt(0).toString(16).padStart(64, '0'),
})

const host = 'threats.ngfw.svc.cluster.local'
const lookMs = 500
const scrapeMs = 500
/** Until Envoy has read its files and sends nothing new to a pod. */
const heardMs = 300

/**
 * A real Envoy before pods that are servers of this process, and the real canary controller, whose cluster is this: the operator's rolling
 * updates, the mesh's endpoints and Prometheus' samples are done here as simply as can be.
 */
export class Stand implements Cluster {
  object: CanaryObject
  readonly envoy: Envoy
  readonly told: Told[] = []
  readonly weights: number[] = []
  readonly pods_ = { stable: [] as Pod[], canary: [] as Pod[] }
  readonly #models: Readonly<Record<string, Omit<Model, 'id'>>>
  readonly #samples = new Samples()
  readonly #stopped = new AbortController()
  readonly #loops: Promise<void>[] = []
  #weight = 0
  #version = 1
  #routeVersion = 1

  private constructor(envoy: Envoy, object: CanaryObject, models: Readonly<Record<string, Omit<Model, 'id'>>>) {
    this.envoy = envoy
    this.object = object
    this.#models = models
  }

  /** `models`: how each version answers. The stable pods have version 1. */
  static async start(
    bin: string,
    dir: string,
    { replicas, models }: { readonly replicas: number; readonly models: Readonly<Record<string, Omit<Model, 'id'>>> },
  ): Promise<Stand> {
    const object: CanaryObject = {
      apiVersion: 'neurodefender.io/v1',
      kind: 'MLInference',
      metadata: { name: 'threats', namespace: 'ngfw', uid: 'u', resourceVersion: '1' },
      spec: { replicas, model: modelSpec('1') },
    }
    const stand = new Stand(await Envoy.start(bin, dir, host), object, models)
    await stand.#operate()
    stand.#loops.push(
      stand.#every(100, () => stand.#operate()),
      stand.#every(scrapeMs, async () => stand.#samples.scraped(await stand.envoy.metrics(), Date.now())),
    )
    return stand
  }

  async #every(ms: number, work: () => Promise<void>): Promise<void> {
    for (; !this.#stopped.signal.aborted; await delay(ms)) await work()
  }

  /** The controller, with the policy in force but for its times. Ends with the signal. */
  async control(signal: AbortSignal): Promise<void> {
    const controller = new CanaryController({
      cluster: this,
      evidence: new GatewayEvidence({ source: this.#samples, maxAgeMs: 10_000 }),
      policy: { ...traffic.canary, drain: '1s' },
      domain: 'cluster.local',
      lookMs,
      now: () => Date.now(),
    })
    while (!signal.aborted) {
      const pass = await controller.reconcile(this.object, signal).catch((error: unknown) => {
        if (error instanceof Conflict || signal.aborted) return { again: 0 }
        throw error
      })
      await delay(pass.again === 0 ? 20 : lookMs)
    }
  }

  get state(): CanaryStatus | undefined {
    return this.object.status?.canary
  }

  edit(spec: Partial<CanaryObject['spec']>): void {
    this.#touch({ ...this.object, spec: { ...this.object.spec, ...spec } })
  }

  #touch(object: CanaryObject): void {
    this.object = { ...object, metadata: { ...object.metadata, resourceVersion: `${++this.#version}` } }
  }

  /** Whether every pod is as it is to be. */
  get settled(): boolean {
    const { stable, canary } = desired(this.object)
    const has = (subset: Subset, id: string | undefined, count: number) =>
      this.pods_[subset].length === count && this.pods_[subset].every(({ model, going }) => model === id && !going)
    return (
      has('stable', modelId(stable), this.object.spec.replicas) &&
      has('canary', canary && modelId(canary.model), canary?.pods ?? 0)
    )
  }

  async #operate(): Promise<void> {
    const { stable, canary } = desired(this.object)
    await this.#roll('stable', stable, this.object.spec.replicas)
    await this.#roll('canary', canary?.model, canary?.pods ?? 0)
  }

  /** One pod more, then one less: as a Deployment with maxSurge 1 and maxUnavailable 0. */
  async #roll(subset: Subset, model: ModelSpec | undefined, count: number): Promise<void> {
    const pods = this.pods_[subset]
    const id = model && modelId(model)
    if (model && id && pods.filter((pod) => pod.model === id && !pod.going).length < count) {
      pods.push(await Pod.start(subset, { id, ...this.#models[model.version] }))
      this.#tell(subset)
    }
    const staying = pods.filter((pod) => pod.model === id && !pod.going)
    const old = pods.find((pod) => !pod.going && pod.model !== id)
    const over = staying.length > count ? staying[0] : undefined
    const leaving = old && (staying.length > 0 || count === 0) ? old : over
    if (leaving) await this.evict(subset, leaving)
  }

  /** Out of the mesh first; then it answers what it has. */
  async evict(subset: Subset, pod: Pod | undefined): Promise<void> {
    if (!pod) throw new RangeError(`There is no such pod of ${subset}.`)
    pod.going = true
    this.#tell(subset)
    await delay(heardMs)
    await pod.drain()
    this.#forget(subset, pod)
  }

  #forget(subset: Subset, pod: Pod): void {
    const pods = this.pods_[subset]
    pods.splice(pods.indexOf(pod), 1)
  }

  #tell(subset: Subset): void {
    const ports = this.pods_[subset].filter(({ going }) => !going).map(({ port }) => port)
    this.envoy.endpoints(subset, ports)
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await Promise.all(this.#loops)
    await this.envoy.stop()
    for (const pod of [...this.pods_.stable, ...this.pods_.canary]) pod.kill()
  }

  async pods() {
    const { stable, canary } = desired(this.object)
    const of = (subset: Subset, count: number) => {
      const pods = this.pods_[subset]
      const ready = pods.filter(({ going }) => !going)
      const [first] = ready
      const settled = pods.length === count && pods.every(({ model, going }) => !going && model === first?.model)
      return { ready: ready.length, settledOn: settled ? first?.model : undefined }
    }
    return { stable: of('stable', stable ? this.object.spec.replicas : 0), canary: of('canary', canary?.pods ?? 0) }
  }

  async route(): Promise<Route> {
    return { weight: this.#weight, resourceVersion: `${this.#routeVersion}` }
  }

  async shift(_: CanaryObject, route: Route, weight: number): Promise<void> {
    if (route.resourceVersion !== `${this.#routeVersion}`) throw new Conflict()
    this.#routeVersion++
    this.#weight = weight
    this.weights.push(weight)
    this.envoy.route(weight)
  }

  async say(object: CanaryObject, state: CanaryStatus | undefined): Promise<void> {
    if (object.metadata.resourceVersion !== this.object.metadata.resourceVersion) throw new Conflict()
    this.#touch({ ...this.object, status: state ? { canary: state } : {} })
  }

  async tell(_: CanaryObject, text: Told): Promise<void> {
    this.told.push(text)
  }
}
