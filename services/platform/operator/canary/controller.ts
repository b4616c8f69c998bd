import { isDeepStrictEqual } from 'node:util'
import type { CanaryStatus } from '../../../../policies/model/ml-inference.ts'
import type { CanaryPolicy } from '../../../../policies/model/traffic.ts'
import { type Duration, milliseconds } from '../../../../policies/model/units.ts'
import { type CanaryObject, over } from './desired.ts'
import type { Question } from './evidence/gateway.ts'
import { decide } from './walk/decide.ts'
import { type Evidence, mayShift, type Seen, type SubsetPods, type WalkPolicy } from './walk/seen.ts'

/** The canary's share as the mesh has it. */
export interface Route {
  readonly weight: number
  readonly resourceVersion: string
}

export interface Told {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly note: string
}

/** What the controller does in the cluster. Every call may throw; the next pass begins again from what then stands. */
export interface Cluster {
  pods(object: CanaryObject, signal: AbortSignal): Promise<{ readonly stable: SubsetPods; readonly canary: SubsetPods }>
  /** Undefined: there is no route. */
  route(object: CanaryObject, signal: AbortSignal): Promise<Route | undefined>
  /** Throws where somebody wrote the route since it was read. */
  shift(object: CanaryObject, route: Route, weight: number, signal: AbortSignal): Promise<void>
  /** Writes `status.canary` on the version of the resource that was read, and throws where somebody wrote since. Undefined takes it away. */
  say(object: CanaryObject, state: CanaryStatus | undefined, signal: AbortSignal): Promise<void>
  /** Never throws. */
  tell(object: CanaryObject, text: Told): Promise<void>
}

export interface ControllerOptions {
  readonly cluster: Cluster
  readonly evidence: { read(question: Question, signal: AbortSignal): Promise<Evidence> }
  readonly policy: Omit<CanaryPolicy, 'service' | 'stableWeight'>
  /** Of the cluster: 'cluster.local'. */
  readonly domain: string
  /** Between two looks while a candidate walks. */
  readonly lookMs: number
  readonly now: () => number
  /** Told of each step that was taken: once it stands in the status. */
  readonly decided?: (state: CanaryStatus) => void
}

export interface Pass {
  /** Look again after so long, milliseconds; undefined: when something changes. */
  readonly again?: number
}

/** How the walk of a resource goes: what it says, and the policy where it says nothing. */
export function walkPolicy({ canary }: CanaryObject['spec'], policy: ControllerOptions['policy']): WalkPolicy {
  const { judged } = policy
  const duration = (said: string | undefined, otherwise: Duration) => milliseconds((said as Duration) ?? otherwise)
  return {
    steps: canary?.steps ?? [policy.canaryWeight, ...policy.further],
    intervalMs: duration(canary?.interval, policy.interval),
    deadlineMs: duration(canary?.deadline, policy.deadline),
    drainMs: milliseconds(policy.drain),
    minPods: policy.minPods,
    paused: canary?.paused ?? false,
    minRequests: canary?.minRequests ?? judged.minRequests,
    maxErrorIncrease: canary?.maxErrorIncrease ?? judged.maxErrorIncrease,
    maxLatencyIncrease: canary?.maxLatencyIncrease ?? judged.maxLatencyIncrease,
    slowShare: judged.slowShare,
    confidence: canary?.confidence ?? judged.confidence,
  }
}

/** What is done follows from this part of the state alone. */
const withoutNews = ({ reason, message, figures, ...acts }: CanaryStatus) => acts

/**
 * Walks a candidate through its shares of the callers. A pass looks, decides, writes the decision into the status, then tells the mesh what the
 * status says. All it knows stands in the resource, so that a pass may end anywhere and be begun again by another
 * process; and both writes hold only on the version that was read, so that what a former leader still has in mind is refused.
 * The only writer of weights once a route is there, and of `status.canary`.
 */
export class CanaryController {
  readonly #options: ControllerOptions

  /** When figures were last written, by resource: a write wakes the next pass, which has new figures. Lost without harm. */
  readonly #said = new Map<string, number>()

  constructor(options: ControllerOptions) {
    this.#options = options
  }

  /** One pass over one resource, as it was just read. Throws what the cluster throws. */
  async reconcile(object: CanaryObject, signal: AbortSignal): Promise<Pass> {
    const { cluster, lookMs } = this.#options
    const state = object.status?.canary
    if (!state && !object.spec.canary?.model) return this.#rest(object, signal)
    const route = await cluster.route(object, signal)
    const seen = await this.#look(object, route, signal)
    const next = decide(state, seen)
    if (next !== state) {
      const moved = !state || !next || !isDeepStrictEqual(withoutNews(state), withoutNews(next))
      const wait = moved ? 0 : this.#quiet(object, seen.now)
      if (wait <= 0) {
        await cluster.say(object, next, signal)
        await this.#news(object, state, next)
        this.#said.set(object.metadata.uid, seen.now)
        // The mesh is told in the next pass, on what then is read.
        if (moved) return { again: 0 }
      }
    }
    const weight = state?.weight ?? 0
    if (route && route.weight !== weight && mayShift(weight, seen)) {
      await cluster.shift(object, route, weight, signal)
      return { again: 0 }
    }
    if (state && !over(state)) return { again: lookMs }
    this.#said.delete(object.metadata.uid)
    return {}
  }

  /** For how long figures alone are not written yet, milliseconds. */
  #quiet({ metadata: { uid } }: CanaryObject, now: number): number {
    const last = this.#said.get(uid)
    return last === undefined ? 0 : last + this.#options.lookMs - now
  }

  /** Without a candidate all callers are the stable pods'. */
  async #rest(object: CanaryObject, signal: AbortSignal): Promise<Pass> {
    const { cluster } = this.#options
    const route = await cluster.route(object, signal)
    if (!route || route.weight === 0) return {}
    const { stable } = await cluster.pods(object, signal)
    if (stable.ready === 0) return { again: this.#options.lookMs }
    await cluster.shift(object, route, 0, signal)
    return {}
  }

  async #look(object: CanaryObject, route: Route | undefined, signal: AbortSignal): Promise<Seen> {
    const { cluster, policy, now } = this.#options
    const { spec, status } = object
    const pods = await cluster.pods(object, signal)
    const evidence = await this.#evidence(object, status?.canary, signal)
    return {
      now: now(),
      candidate: spec.canary?.model,
      stable: spec.model,
      replicas: spec.replicas,
      policy: walkPolicy(spec, policy),
      pods,
      weight: route?.weight,
      evidence,
    }
  }

  /** Where the stable subset has no callers any more it is judged by those that it had at the share before. */
  async #evidence({ metadata }: CanaryObject, state: CanaryStatus | undefined, signal: AbortSignal): Promise<Evidence> {
    const { evidence, domain, now } = this.#options
    if (!state?.analysedFrom || state.outcome) return { known: false, why: 'Nothing is judged yet.' }
    const to = now()
    const canary = { from: Date.parse(state.analysedFrom), to }
    const { baseline } = state
    const stable =
      state.weight === 100 && baseline ? { from: Date.parse(baseline.from), to: Date.parse(baseline.to) } : canary
    const host = `${metadata.name}.${metadata.namespace}.svc.${domain}`
    return evidence.read({ host, stable, canary, version: state.model.version, now: to }, signal)
  }

  async #news(object: CanaryObject, before: CanaryStatus | undefined, state: CanaryStatus | undefined): Promise<void> {
    if (!state || (before?.phase === state.phase && before.reason === state.reason)) return
    this.#options.decided?.(state)
    const bad = state.outcome === 'RolledBack' || state.reason === 'PodsLost' || state.reason === 'NoEvidence'
    await this.#options.cluster.tell(object, {
      type: bad ? 'Warning' : 'Normal',
      reason: state.reason,
      note: `${state.phase}: ${state.message}`,
    })
  }
}
