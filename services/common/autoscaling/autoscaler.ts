import type { Conditions, Decision, Limit, Observation, Outcome, Proposal, Stabilization } from './decision.ts'
import { propose } from './proposal.ts'
import { keep, rateLimit, type ScaleEvents } from './rate.ts'
import {
  type AutoscalerSpec,
  type CompleteBehavior,
  type ControllerOptions,
  completeBehavior,
  defaultStabilization,
} from './spec.ts'

type Computed = Extract<Outcome, { kind: 'computed' }>

/**
 * The decisions of the HorizontalPodAutoscaler of Kubernetes 1.34 (pkg/controller/podautoscaler/horizontal.go), one `decide` for each sync.
 * It keeps what the controller keeps: recent recommendations, and the changes that it made; every change that it decides counts as made.
 */
export class Autoscaler {
  readonly #spec: AutoscalerSpec
  readonly #tolerance: number
  readonly #downscaleStabilization: number
  readonly #behavior: CompleteBehavior | undefined
  /** For how long recommendations are of use, in milliseconds. */
  readonly #memory: number
  readonly #recommendations: { at: number; replicas: number }[] = []
  readonly #events: ScaleEvents = { up: [], down: [] }
  #conditions: Conditions = { AbleToScale: 'SucceededGetScale' }

  constructor(
    spec: AutoscalerSpec,
    { tolerance = 0.1, downscaleStabilization = defaultStabilization }: ControllerOptions = {},
  ) {
    this.#spec = spec
    this.#tolerance = tolerance
    this.#downscaleStabilization = downscaleStabilization
    this.#behavior = spec.behavior && completeBehavior(spec.behavior, downscaleStabilization)
    const windows = this.#behavior
      ? [this.#behavior.up.stabilizationWindowSeconds, this.#behavior.down.stabilizationWindowSeconds]
      : [downscaleStabilization]
    this.#memory = 1_000 * Math.max(...windows)
  }

  decide(seen: Observation): Decision {
    const { at, replicas: current } = seen
    const { minReplicas, maxReplicas } = this.#spec
    this.#set({ AbleToScale: 'SucceededGetScale' })
    if (this.#recommendations.length === 0) this.#recommendations.push({ at, replicas: current })
    this.#forget(at)
    if (current === 0 && minReplicas !== 0) {
      this.#set({ ScalingActive: 'ScalingDisabled' })
      return this.#decision(seen, current, [], { kind: 'disabled' })
    }
    if (current > maxReplicas) return this.#decision(seen, maxReplicas, [], { kind: 'corrected', bound: 'max' })
    if (current < minReplicas) return this.#decision(seen, minReplicas, [], { kind: 'corrected', bound: 'min' })
    const proposals = this.#spec.metrics.map((metric, i) =>
      propose(metric, seen.values[i] ?? { missing: 'it was not asked' }, seen, this.#tolerance),
    )
    const outcome = this.#combine(proposals, current)
    if (outcome.kind === 'blocked') return this.#decision(seen, current, proposals, outcome)
    this.#set({ ScalingActive: 'ValidMetricFound' })
    const { desired, ...normalized } = this.#behavior
      ? this.#normalize(outcome.proposed, seen, this.#behavior)
      : this.#normalizeByOldRules(outcome.proposed, seen)
    return this.#decision(seen, desired, proposals, { ...outcome, ...normalized })
  }

  /** The highest proposal wins; while a metric is missing, none may shrink the service (computeReplicasForMetrics). */
  #combine(proposals: readonly Proposal[], current: number): Outcome & { kind: 'blocked' | 'computed' } {
    let best: { readonly metric: string; readonly proposed: number } | undefined
    const missing: string[] = []
    for (const { metric, replicas } of proposals) {
      if (replicas === undefined) missing.push(metric.name)
      else if (!best || best.proposed === 0 || replicas > best.proposed)
        best = { metric: metric.name, proposed: replicas }
    }
    if (!best || (missing.length > 0 && best.proposed < current)) {
      const first = proposals.find(({ replicas }) => replicas === undefined)
      this.#set({ ScalingActive: first?.metric.type === 'Pods' ? 'FailedGetPodsMetric' : 'FailedGetExternalMetric' })
      return { kind: 'blocked', missing, wanted: best?.proposed }
    }
    return { kind: 'computed', ...best }
  }

  /** Stabilisation first, then the rate, then the bounds (normalizeDesiredReplicasWithBehaviors). */
  #normalize(proposed: number, { at, replicas: current }: Observation, { up, down }: CompleteBehavior) {
    let lowest = proposed
    let highest = proposed
    for (const recent of this.#recommendations) {
      if (recent.at > at - up.stabilizationWindowSeconds * 1_000) lowest = Math.min(lowest, recent.replicas)
      if (recent.at > at - down.stabilizationWindowSeconds * 1_000) highest = Math.max(highest, recent.replicas)
    }
    this.#recommendations.push({ at, replicas: proposed })
    const to = Math.min(Math.max(current, lowest), highest)
    const direction = proposed >= current ? 'up' : 'down'
    const windowSeconds = (direction === 'up' ? up : down).stabilizationWindowSeconds
    const stabilized = to === proposed ? undefined : { direction, windowSeconds, from: proposed, to }
    return this.#normalized(stabilized as Stabilization | undefined, to, this.#bound(to, at, current, { up, down }))
  }

  #bound(wanted: number, at: number, current: number, rules: CompleteBehavior): Limit | undefined {
    const { minReplicas, maxReplicas } = this.#spec
    if (wanted > current) {
      const { replicas, policy } = rateLimit('up', current, at, this.#events, rules.up)
      const [to, by] =
        maxReplicas > replicas ? ([replicas, 'ScaleUpLimit'] as const) : ([maxReplicas, 'TooManyReplicas'] as const)
      if (wanted > to) return { by, from: wanted, to, ...(by === 'ScaleUpLimit' && policy ? { policy } : {}) }
    } else if (wanted < current) {
      const { replicas, policy } = rateLimit('down', current, at, this.#events, rules.down)
      const [to, by] =
        minReplicas < replicas ? ([replicas, 'ScaleDownLimit'] as const) : ([minReplicas, 'TooFewReplicas'] as const)
      if (wanted < to) return { by, from: wanted, to, ...(by === 'ScaleDownLimit' && policy ? { policy } : {}) }
    }
    return undefined
  }

  /** Without a behaviour: the highest recommendation of the window, then at most double or 4 (normalizeDesiredReplicas). */
  #normalizeByOldRules(proposed: number, { at, replicas: current }: Observation) {
    const { minReplicas, maxReplicas } = this.#spec
    const windowSeconds = this.#downscaleStabilization
    let to = proposed
    for (const recent of this.#recommendations)
      if (recent.at >= at - windowSeconds * 1_000) to = Math.max(to, recent.replicas)
    this.#recommendations.push({ at, replicas: proposed })
    const stabilized = to === proposed ? undefined : ({ direction: 'down', windowSeconds, from: proposed, to } as const)
    const fastest = Math.max(2 * current, 4)
    const most = Math.min(fastest, maxReplicas)
    const limited: Limit | undefined =
      to < minReplicas
        ? { by: 'TooFewReplicas', from: to, to: minReplicas }
        : to > most
          ? { by: maxReplicas > fastest ? 'ScaleUpLimit' : 'TooManyReplicas', from: to, to: most }
          : undefined
    return this.#normalized(stabilized, to, limited)
  }

  #normalized(stabilized: Stabilization | undefined, stable: number, limited: Limit | undefined) {
    const held = stabilized?.direction === 'up' ? 'ScaleUpStabilized' : 'ScaleDownStabilized'
    this.#set({
      AbleToScale: stabilized ? held : 'ReadyForNewScale',
      ScalingLimited: limited?.by ?? 'DesiredWithinRange',
    })
    const reasons: Pick<Computed, 'stabilized' | 'limited'> = {
      ...(stabilized ? { stabilized } : {}),
      ...(limited ? { limited } : {}),
    }
    return { desired: limited?.to ?? stable, ...reasons }
  }

  #decision(seen: Observation, desired: number, proposals: readonly Proposal[], outcome: Outcome): Decision {
    const { at, replicas: current } = seen
    if (desired !== current) {
      this.#set({ AbleToScale: 'SucceededRescale' })
      const direction = desired > current ? 'up' : 'down'
      if (this.#behavior)
        keep(this.#events[direction], { at, pods: Math.abs(desired - current) }, this.#behavior[direction])
    }
    return { at, current, desired, proposals, outcome, conditions: this.#conditions }
  }

  #set(conditions: Partial<Conditions>): void {
    this.#conditions = { ...this.#conditions, ...conditions }
  }

  #forget(now: number): void {
    const [first] = this.#recommendations
    // The newest stays: the initial recommendation is recorded once in a lifetime.
    if (first && this.#recommendations.length > 1 && first.at < now - this.#memory) this.#recommendations.shift()
  }
}
