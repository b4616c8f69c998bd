/**
 * The exact sum of numbers that come and go, rounded once at the end: the result depends on what is in the sum, never on the order or
 * the history (so that state restored from a snapshot cannot differ by a bit). Shewchuk's growing expansions, as in Python's `math.fsum`.
 */
export class ExactSum {
  #partials: number[] = []

  /** Adds `value`, of absolute value below 1e300; add its negative to take it away. */
  add(value: number): void {
    const kept: number[] = []
    let x = value
    for (const partial of this.#partials) {
      const [big, small] = Math.abs(x) < Math.abs(partial) ? [partial, x] : [x, partial]
      const high = big + small
      const low = small - (high - big)
      if (low !== 0) kept.push(low)
      x = high
    }
    if (x !== 0) kept.push(x)
    this.#partials = kept
  }

  /** The sum, rounded to the nearest double (half to even). */
  get value(): number {
    const partials = this.#partials
    let at = partials.length - 1
    if (at < 0) return 0
    let high = partials[at--] as number
    let low = 0
    while (at >= 0) {
      const x = high
      const y = partials[at--] as number
      high = x + y
      low = y - (high - x)
      if (low !== 0) break
    }
    // Half-way cases: the rest decides to which side.
    if (at >= 0 && ((low < 0 && (partials[at] as number) < 0) || (low > 0 && (partials[at] as number) > 0))) {
      const twice = low * 2
      const up = high + twice
      if (twice === up - high) return up
    }
    return high
  }

  reset(): void {
    this.#partials = []
  }
}
