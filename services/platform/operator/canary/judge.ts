import { compare } from './statistics/e-process.ts'
import { compareLatencies, type Latencies } from './statistics/latency.ts'

/** What one subset did while the present share stood. */
export interface SubsetFigures {
  readonly requests: number
  /** Answered with 500 or above, or not at all. */
  readonly errors: number
  readonly latencies: Latencies
}

export interface Figures {
  readonly stable: SubsetFigures
  readonly canary: SubsetFigures
}

export interface JudgePolicy {
  readonly minRequests: number
  /** Shares, 0 to 1. */
  readonly maxErrorIncrease: number
  readonly maxLatencyIncrease: number
  readonly slowShare: number
  readonly confidence: number
  /** How many shares a candidate is judged at. */
  readonly steps: number
}

export type Verdict =
  | { readonly is: 'worse'; readonly reason: 'TooManyErrors' | 'TooSlow'; readonly message: string }
  | { readonly is: 'fine'; readonly reason: 'Fine'; readonly message: string }
  | { readonly is: 'open'; readonly reason: 'TooFewRequests' | 'Undecided'; readonly message: string }

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))}%`
const share = (hits: number, of: number): number => (of === 0 ? 0 : hits / of)

/**
 * Judges a candidate at one share. "Worse" is said of errors or latency beyond what is allowed, "fine" of both within it, each only when the other is
 * refuted; otherwise it stays open. The chance of a wrong "worse" is spent evenly over the shares and the two tests, so that for a sound
 * candidate it is below 1 − confidence in a whole walk. A bad candidate has to pass every share, so "fine" may be wrong with 1 − confidence at each.
 * Both hold under looks at any time (see `compare`).
 */
export function judge({ stable, canary }: Figures, policy: JudgePolicy): Verdict {
  const risk = 1 - policy.confidence
  const enoughWorse = Math.log((2 * policy.steps) / risk)
  const enoughFine = Math.log(1 / risk)
  const errors = compare(
    { trials: stable.requests, hits: stable.errors },
    { trials: canary.requests, hits: canary.errors },
    policy.maxErrorIncrease,
  )
  const rates = `${percent(share(canary.errors, canary.requests))} of ${canary.requests} requests failed at the candidate, ${percent(share(stable.errors, stable.requests))} of ${stable.requests} at the stable subset`
  if (errors.worse >= enoughWorse)
    return {
      is: 'worse',
      reason: 'TooManyErrors',
      message: `${rates}: more than ${percent(policy.maxErrorIncrease)} above it.`,
    }
  const latency = compareLatencies(stable.latencies, canary.latencies, 1 + policy.maxLatencyIncrease, policy.slowShare)
  const { worst } = latency
  if (latency.worse >= enoughWorse && worst)
    return {
      is: 'worse',
      reason: 'TooSlow',
      message: `${percent(worst.canaryShare)} of ${canary.latencies.total} requests took the candidate longer than ${worst.canaryMs} ms, ${percent(worst.stableShare)} of ${stable.latencies.total} the stable subset longer than ${worst.stableMs} ms: it is slower by more than ${percent(policy.maxLatencyIncrease)}.`,
    }
  const fewest = Math.min(stable.requests, canary.requests)
  if (fewest < policy.minRequests)
    return {
      is: 'open',
      reason: 'TooFewRequests',
      message: `The candidate answered ${canary.requests} requests and the stable subset ${stable.requests}; each needs ${policy.minRequests} before the share grows.`,
    }
  if (errors.fine < enoughFine)
    return {
      is: 'open',
      reason: 'Undecided',
      message: `${rates}: too few to tell whether that is within what is allowed.`,
    }
  if (latency.fine < enoughFine)
    return {
      is: 'open',
      reason: 'Undecided',
      message: `${canary.latencies.total} requests of the candidate are too few to tell whether it is slower than allowed.`,
    }
  return { is: 'fine', reason: 'Fine', message: `${rates}, and it is not slower than allowed.` }
}

/** The least bound, in milliseconds, within which a share of the requests was answered. Undefined beyond the last bound, or without requests. */
export function quantileMs({ bounds, within, total }: Latencies, quantile: number): number | undefined {
  if (total === 0) return undefined
  const i = within.findIndex((count) => count >= quantile * total)
  return i < 0 ? undefined : bounds[i]
}
