import type { MetricSpec, RatePolicy } from './spec.ts'

/** What the controller sees at one moment. */
export interface Observation {
  /** Milliseconds since any fixed moment; never goes back. */
  readonly at: number
  /** The replicas that the target's scale asks for. */
  readonly replicas: number
  /** The replicas that exist, ready or not. */
  readonly existing: number
  /** Of those, the ones that run and are ready. */
  readonly ready: number
  /** One for each metric of the specification, in its order. */
  readonly values: readonly MetricValue[]
}

/** A metric's value in thousandths; of a Pods metric what each pod says. None: why there is no answer. */
export type MetricValue = number | PodValues | { readonly missing: string }

/** A Pods metric: the values that pods gave, and pods that gave none. */
export interface PodValues {
  readonly values: readonly number[]
  /** Pods that run but of which no value came. */
  readonly silent: number
  /** Pods that do not run yet. */
  readonly pending: number
}

/** What one metric proposes. */
export interface Proposal {
  readonly metric: MetricSpec
  /** In thousandths: of the service, or the average of the pods that gave one. Absent: no answer. */
  readonly value?: number
  /** What there is to what there shall be. */
  readonly ratio?: number
  /** Absent: no answer. */
  readonly replicas?: number
  /** The ratio is near enough to 1 that nothing changes for it. */
  readonly withinTolerance: boolean
  readonly missing?: string
}

/** A recent recommendation that holds the count. */
export interface Stabilization {
  readonly direction: 'up' | 'down'
  readonly windowSeconds: number
  readonly from: number
  readonly to: number
}

/** What kept the count from the recommendation. */
export type Limit =
  | { readonly by: 'TooManyReplicas' | 'TooFewReplicas'; readonly from: number; readonly to: number }
  | {
      readonly by: 'ScaleUpLimit' | 'ScaleDownLimit'
      readonly from: number
      readonly to: number
      /** The policy that counted; absent where scaling that way is disabled, or under the old rules. */
      readonly policy?: RatePolicy
    }

/** What a decision comes from. */
export type Outcome =
  /** Nobody scales a service with no replicas whose minimum is not 0. */
  | { readonly kind: 'disabled' }
  /** The target had more or fewer than allowed: corrected without looking at metrics. */
  | { readonly kind: 'corrected'; readonly bound: 'min' | 'max' }
  /** No metric answered, or one that is missing might have wanted more: nothing changes. */
  | { readonly kind: 'blocked'; readonly missing: readonly string[]; readonly wanted: number | undefined }
  | {
      readonly kind: 'computed'
      /** The highest proposal, and the first metric that made it. */
      readonly proposed: number
      readonly metric: string
      readonly stabilized?: Stabilization
      readonly limited?: Limit
    }

/** The reasons in the HPA's status, as `kubectl describe` shows them; each stays until it is set anew. */
export interface Conditions {
  readonly AbleToScale: string
  readonly ScalingActive?: string
  readonly ScalingLimited?: string
}

export interface Decision {
  readonly at: number
  readonly current: number
  readonly desired: number
  /** Empty where no metric was looked at. */
  readonly proposals: readonly Proposal[]
  readonly outcome: Outcome
  readonly conditions: Conditions
}
