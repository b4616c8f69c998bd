import type { CanaryStatus, Model } from '../../../../../policies/model/ml-inference.ts'
import { traffic } from '../../../../../policies/traffic.ts'
import { CanaryController, type Cluster, type Pass, type Route, type Told } from '../controller.ts'
import { type CanaryObject, desired, modelId } from '../desired.ts'
import type { Question, Span } from '../evidence/gateway.ts'
import type { Evidence, SubsetPods } from '../walk/seen.ts'
import { add, type Behaviour, both, Callers, type Counted, nothing, sound } from './traffic.ts'

/** The controller is killed here. */
class Killed extends Error {}

/** Somebody wrote since. */
export class Conflict extends Error {}

export const model = (version: string): Model => ({
  version,
  uri: `file:///models/${version}.onnx`,
  sha256: version
    .charCodeAt(version.length - 1)
    .toString(16)
    .padStart(64, '0'),
})

interface Pods {
  model: string
  ready: number
  /** Pods of this model that are ready from then on. */
  coming: { at: number; count: number; model: string } | undefined
}

const second = 1_000

export interface WorldOptions {
  readonly seed?: number
  readonly behaviour?: Readonly<Record<string, Behaviour>>
  /** Requests a second. */
  readonly rate?: number
  /** How long pods take to be ready. Undefined: they never are. */
  readonly readyMs?: (model: string) => number | undefined
  readonly replicas?: number
}

/** A cluster with callers, in a time of its own: what the operator and the mesh do with what the controller writes. */
export class World implements Cluster {
  now = Date.parse('2026-01-01T00:00:00Z')
  object: CanaryObject
  readonly pods_: { stable: Pods; canary: Pods | undefined }
  weight = 0
  hasRoute = true
  evidenceLost = false
  /** Requests that were sent where no pod was ready. */
  failed = 0
  readonly events: Told[] = []
  readonly states: CanaryStatus[] = []
  readonly weights: number[] = []
  /** Steps that were told, phase and reason. */
  readonly decided: string[] = []
  calls = 0
  killAt: { readonly call: number; readonly when: 'before' | 'after' } | undefined
  readonly #options: WorldOptions
  readonly #callers: Callers
  readonly #counted: { readonly at: number; readonly stable: Counted; readonly canary: Counted }[] = []
  #version = 1
  #routeVersion = 1

  constructor(options: WorldOptions = {}) {
    const { replicas = 4, seed = 1 } = options
    this.#options = options
    this.#callers = new Callers(seed)
    this.object = {
      apiVersion: 'neurodefender.io/v1',
      kind: 'MLInference',
      metadata: { name: 'threats', namespace: 'ngfw', uid: 'u', resourceVersion: '1' },
      spec: { replicas, model: model('1') },
    }
    this.pods_ = { stable: { model: modelId(model('1')), ready: replicas, coming: undefined }, canary: undefined }
  }

  /** What a person writes. */
  edit(spec: Partial<CanaryObject['spec']>): void {
    this.#touch({ ...this.object, spec: { ...this.object.spec, ...spec } })
  }

  #touch(object: CanaryObject): void {
    this.object = { ...object, metadata: { ...object.metadata, resourceVersion: `${++this.#version}` } }
  }

  get state(): CanaryStatus | undefined {
    return this.object.status?.canary
  }

  controller(): CanaryController {
    return new CanaryController({
      cluster: this,
      evidence: { read: (question) => this.#call(async () => this.#evidence(question)) },
      policy: traffic.canary,
      domain: 'cluster.local',
      lookMs: 5 * second,
      now: () => this.now,
      decided: ({ phase, reason }) => this.decided.push(`${phase} ${reason}`),
    })
  }

  /** Lets time pass until nothing is to be done any more, or `until` is true, or a limit is reached. A controller that is killed is followed by another one. */
  async run({ until = () => false, most = 3_000 }: { until?: () => boolean; most?: number } = {}): Promise<void> {
    let controller = this.controller()
    for (let i = 0; i < most && !until(); i++) {
      let pass: Pass = { again: second }
      try {
        pass = await controller.reconcile(this.object, new AbortController().signal)
      } catch (error) {
        if (!(error instanceof Killed || error instanceof Conflict)) throw error
        controller = this.controller()
      }
      if (pass.again === undefined && this.#settled()) return
      this.pass(pass.again === 0 ? 0.1 * second : (pass.again ?? second))
    }
  }

  #settled(): boolean {
    const { stable, canary } = desired(this.object)
    const { stable: pods, canary: candidate } = this.pods_
    return pods.model === modelId(stable) && !pods.coming && (canary === undefined) === (candidate === undefined)
  }

  /** The operator and the callers. */
  pass(ms: number): void {
    const { rate = 200 } = this.#options
    this.now += ms
    this.#operate()
    const requests = Math.round((rate * ms) / second)
    const { stable, canary } = this.pods_
    const toCanary = this.weight > 0 && (canary?.ready ?? 0) === 0
    const toStable = this.weight < 100 && stable.ready === 0
    const of = (id: string): Behaviour => this.#options.behaviour?.[id.split('-')[0]!] ?? sound
    const counted = this.#callers.call(requests, this.weight, {
      stable: of(stable.model),
      canary: of(canary?.model ?? stable.model),
    })
    if (toCanary) this.failed += counted.canary.requests
    if (toStable) this.failed += counted.stable.requests
    this.#counted.push({ at: this.now, ...counted })
  }

  #operate(): void {
    const { stable, canary } = desired(this.object)
    const { replicas } = this.object.spec
    this.#roll(this.pods_.stable, modelId(stable), replicas)
    if (!canary) this.pods_.canary = undefined
    else {
      this.pods_.canary ??= { model: '', ready: 0, coming: undefined }
      this.#roll(this.pods_.canary, modelId(canary.model), canary.pods)
    }
  }

  /** Rolls without a gap: the old pods answer until the new ones are ready. */
  #roll(pods: Pods, id: string, count: number): void {
    const { readyMs = () => 8 * second } = this.#options
    if (pods.coming && this.now >= pods.coming.at) {
      pods.model = pods.coming.model
      pods.ready = pods.coming.count
      pods.coming = undefined
    }
    if (pods.model === id && pods.ready > count) pods.ready = count
    if (
      pods.coming ? pods.coming.model === id && pods.coming.count === count : pods.model === id && pods.ready === count
    )
      return
    const takes = readyMs(id)
    pods.coming = { at: takes === undefined ? Number.POSITIVE_INFINITY : this.now + takes, count, model: id }
  }

  #evidence({ stable, canary }: Question): Evidence {
    if (this.evidenceLost) return { known: false, why: 'Prometheus did not answer.' }
    const sum = (subset: 'stable' | 'canary', { from, to }: Span): Counted => {
      const all = nothing()
      for (const row of this.#counted) if (row.at > from && row.at <= to) add(all, row[subset])
      return all
    }
    const counted = sum('canary', canary)
    return { known: true, figures: both(sum('stable', stable), counted), seenByPods: counted.requests }
  }

  /** One call of the controller; where it is to be killed, before it has an effect or after. */
  async #call<T>(effect: () => Promise<T>): Promise<T> {
    const here = this.killAt?.call === this.calls++
    if (here && this.killAt?.when === 'before') throw new Killed()
    const result = await effect()
    if (here) throw new Killed()
    return result
  }

  pods = (): Promise<{ stable: SubsetPods; canary: SubsetPods }> =>
    this.#call(async () => {
      const of = (pods: Pods | undefined): SubsetPods => ({
        ready: pods?.ready ?? 0,
        settledOn: pods && !pods.coming && pods.ready > 0 ? pods.model : undefined,
      })
      return { stable: of(this.pods_.stable), canary: of(this.pods_.canary) }
    })

  route = (): Promise<Route | undefined> =>
    this.#call(async () =>
      this.hasRoute ? { weight: this.weight, resourceVersion: `${this.#routeVersion}` } : undefined,
    )

  shift = (_: CanaryObject, route: Route, weight: number): Promise<void> =>
    this.#call(async () => {
      if (route.resourceVersion !== `${this.#routeVersion}`) throw new Conflict()
      this.#routeVersion++
      this.weight = weight
      this.weights.push(weight)
    })

  say = (object: CanaryObject, state: CanaryStatus | undefined): Promise<void> =>
    this.#call(async () => {
      if (object.metadata.resourceVersion !== this.object.metadata.resourceVersion) throw new Conflict()
      if (state) this.states.push(state)
      this.#touch({ ...this.object, status: state ? { canary: state } : {} })
    })

  tell = (_: CanaryObject, text: Told): Promise<void> =>
    this.#call(async () => {
      this.events.push(text)
    })
}
