import { compare, type Evidence } from './e-process.ts'

/** How long requests took: how many took at most `bounds[i]` milliseconds, and how many there were. Bounds grow, counts do not fall. */
export interface Latencies {
  readonly bounds: readonly number[]
  readonly within: readonly number[]
  readonly total: number
}

export interface LatencyEvidence extends Evidence {
  /** The pair of bounds where the canary looks worst: shares of requests that took longer. Undefined when no pair can be compared. */
  readonly worst?: {
    readonly stableMs: number
    readonly canaryMs: number
    readonly stableShare: number
    readonly canaryShare: number
  }
}

/** Proxies count whole milliseconds, cut off: "longer than 4" is "5 and more" to one and "more than 4" to another. Pairs hold for both. */
const resolutionMs = 1

/** For each bound of the stable subset, the least bound of the canary that is at least `ratio` times as long. */
export function pairsOf(
  bounds: readonly number[],
  ratio: number,
): readonly (readonly [stable: number, canary: number])[] {
  return bounds.flatMap((bound, i): [number, number][] => {
    const least = ratio * (bound + resolutionMs) - resolutionMs
    const j = bounds.findIndex((other) => other >= least)
    return j < 0 ? [] : [[i, j]]
  })
}

const lnMeanExp = (values: readonly number[]): number => {
  const most = Math.max(...values)
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0) / values.length)
}

/**
 * Whether the canary is slower than the stable subset by more than a ratio. Held to be right is: for every bound x, the share of its requests that take longer than
 * ratio · x is at most `slack` above the share of the stable subset's that take longer than x. So no quantile and no threshold is chosen by
 * looking. Against it speaks the mean of the evidence at all pairs of bounds, which is an e-process again; for it the least of them, because
 * each alone would refute it (an intersection-union test: Berger 1982).
 *
 * @param ratio 1 or more. @param slack a share, 0 to 1.
 */
export function compareLatencies(stable: Latencies, canary: Latencies, ratio: number, slack: number): LatencyEvidence {
  const same = stable.bounds.length === canary.bounds.length && stable.bounds.every((b, i) => b === canary.bounds[i])
  const pairs = same ? pairsOf(stable.bounds, ratio) : []
  const rows = pairs.map(([i, j]) => {
    const [a, b] = [
      { trials: stable.total, hits: stable.total - stable.within[i]! },
      { trials: canary.total, hits: canary.total - canary.within[j]! },
    ]
    return { ...compare(a, b, slack), i, j, gap: share(b) - share(a), shares: [share(a), share(b)] as const }
  })
  if (rows.length === 0) return { worse: Number.NEGATIVE_INFINITY, fine: Number.NEGATIVE_INFINITY }
  const worst = rows.reduce((most, row) => (row.gap > most.gap ? row : most))
  return {
    worse: lnMeanExp(rows.map((row) => row.worse)),
    fine: Math.min(...rows.map((row) => row.fine)),
    worst: {
      stableMs: stable.bounds[worst.i]!,
      canaryMs: canary.bounds[worst.j]!,
      stableShare: worst.shares[0],
      canaryShare: worst.shares[1],
    },
  }
}

const share = ({ trials, hits }: { readonly trials: number; readonly hits: number }): number =>
  trials === 0 ? 0 : hits / trials
