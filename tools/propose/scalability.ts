/** One measurement of one pod under a steady load. */
export interface Point {
  /** Requests a second. */
  readonly load: number
  /** Mean or median, milliseconds. */
  readonly ms: number
  readonly p99Ms?: number
}

/**
 * The universal scalability law of one pod: with n requests in it, each takes `alone × (1 + contention (n−1) + coherence n (n−1))`.
 * @see N. J. Gunther, Guerrilla Capacity Planning (2007): X(n) = γ n / (1 + α (n−1) + β n (n−1)), here as latency n / X(n)
 */
export interface Law {
  /** Milliseconds that a request takes by itself: 1,000 / γ. */
  readonly alone: number
  /** α: what has to be done one after the other. */
  readonly contention: number
  /** β: what each costs each other. */
  readonly coherence: number
}

/** Requests in the pod, by Little's law. */
const inside = ({ load, ms }: Point): number => (load * ms) / 1_000

export const latency = ({ alone, contention, coherence }: Law, n: number): number =>
  alone * (1 + contention * Math.max(0, n - 1) + coherence * n * Math.max(0, n - 1))

/** Requests a second with so many in the pod. */
export const throughput = (law: Law, n: number): number => (n * 1_000) / latency(law, n)

/** Solves a small symmetric system by elimination; undefined when it has no single answer. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | undefined {
  const rows = matrix.map((row, i) => [...row, right[i]!])
  const size = rows.length
  for (let i = 0; i < size; i++) {
    const pivot = rows
      .slice(i)
      .reduce((best, row, k) => (Math.abs(row[i]!) > Math.abs(rows[best]![i]!) ? i + k : best), i)
    if (Math.abs(rows[pivot]![i]!) < 1e-12) return undefined
    const swapped = rows[i]!
    rows[i] = rows[pivot]!
    rows[pivot] = swapped
    for (let k = 0; k < size; k++) {
      if (k === i) continue
      const factor = rows[k]![i]! / rows[i]![i]!
      for (let j = i; j <= size; j++) rows[k]![j]! -= factor * rows[i]![j]!
    }
  }
  return rows.map((row, i) => row[size]! / row[i]!)
}

/**
 * The law that fits best, by least squares of relative errors of latency, with no part below 0: of all choices of parts that may be other
 * than 0, the best that keeps them so. Undefined when the points tell nothing, as when there is none.
 */
export function fit(points: readonly Point[]): Law | undefined {
  let best: { law: Law; error: number } | undefined
  const seen = points.map((point) => {
    const n = inside(point)
    return [1, Math.max(0, n - 1), n * Math.max(0, n - 1)].map((value) => value / point.ms)
  })
  for (const parts of [[0], [0, 1], [0, 2], [0, 1, 2]]) {
    const normal = parts.map((i) => parts.map((j) => seen.reduce((sum, row) => sum + row[i]! * row[j]!, 0)))
    const found = solve(
      normal,
      parts.map((i) => seen.reduce((sum, row) => sum + row[i]!, 0)),
    )
    if (found === undefined || found.some((value) => !(value >= 0)) || !(found[0]! > 0)) continue
    const of = (part: number) => found[parts.indexOf(part)] ?? 0
    const law = { alone: of(0), contention: of(1) / of(0), coherence: of(2) / of(0) }
    const error = points.reduce((sum, point) => sum + (latency(law, inside(point)) / point.ms - 1) ** 2, 0)
    if (best === undefined || error < best.error - 1e-12) best = { law, error }
  }
  return best?.law
}

/** How far P99 lies above the mean: the largest ratio seen; undefined where no point says a P99. */
const tail = (points: readonly Point[]): number | undefined => {
  const ratios = points.flatMap(({ ms, p99Ms }) => (p99Ms === undefined ? [] : [p99Ms / ms]))
  return ratios.length > 0 ? Math.max(...ratios) : undefined
}

/**
 * The most requests a second that one pod answers within `withinMs` at the mean, and never more than `mostLoad`: a law says nothing of loads that
 * nobody tried. 0 when even a request by itself takes longer.
 */
export function capacity(law: Law, withinMs: number, mostLoad: number): number {
  if (law.alone > withinMs) return 0
  let [low, high] = [0, 1]
  // With the largest n whose latency is allowed; beyond the law's own summit more requests only wait.
  const summit =
    law.coherence > 0 ? Math.sqrt(Math.max(0, 1 - law.contention) / law.coherence) : Number.POSITIVE_INFINITY
  const allowed = (n: number) => n <= Math.max(1, summit) && latency(law, n) <= withinMs
  while (allowed(high) && throughput(law, high) < mostLoad && high < 1e9) high *= 2
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (allowed(middle)) low = middle
    else high = middle
  }
  return Math.min(mostLoad, low === 0 ? 0 : throughput(law, low))
}

export interface Estimate {
  readonly law: Law
  /** Requests a second of one pod: the best guess, and what it is at least with that confidence. */
  readonly best: number
  readonly least: number
  readonly confidence: number
}

const draws = 1_000

/**
 * What one pod answers within `withinMs` at P99, by the law and the tail of the points. Confidence by drawing the points anew, with replacement.
 * @param random in [0, 1), seeded: the same points give the same answer
 */
export function estimate(
  points: readonly Point[],
  withinMs: number,
  confidence: number,
  random: () => number,
): Estimate | undefined {
  const of = (some: readonly Point[]) => {
    const law = fit(some)
    const most = Math.max(...some.map(({ load }) => load))
    return law && { law, load: capacity(law, withinMs / (tail(some) ?? 1), most) }
  }
  const whole = of(points)
  if (whole === undefined) return undefined
  const drawn = Array.from({ length: draws }, () =>
    of(points.map(() => points[Math.floor(random() * points.length)]!)),
  ).flatMap((one) => (one === undefined ? [] : [one.load]))
  drawn.sort((a, b) => a - b)
  return {
    law: whole.law,
    best: whole.load,
    least: drawn[Math.floor((1 - confidence) * drawn.length)] ?? 0,
    confidence,
  }
}
