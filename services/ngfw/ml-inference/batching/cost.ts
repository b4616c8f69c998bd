/** What an observation weighs when the next comes: the last 50 or so say how fast the model is now. */
const decay = 0.98

/**
 * How long an execution takes as a function of its rows: a fixed part and a part for each row, by least squares over what was seen, the
 * newest weighing most.
 */
export class Cost {
  #weight = 0
  #rows = 0
  #ms = 0
  #rowsRows = 0
  #rowsMs = 0

  observe(rows: number, ms: number): void {
    this.#weight = this.#weight * decay + 1
    this.#rows = this.#rows * decay + rows
    this.#ms = this.#ms * decay + ms
    this.#rowsRows = this.#rowsRows * decay + rows * rows
    this.#rowsMs = this.#rowsMs * decay + rows * ms
  }

  /** Milliseconds; 0 while nothing was seen. */
  estimate(rows: number): number {
    if (this.#weight === 0 || rows === 0) return 0
    const [meanRows, meanMs] = [this.#rows / this.#weight, this.#ms / this.#weight]
    const spread = this.#rowsRows / this.#weight - meanRows * meanRows
    // Sizes that hardly differ say nothing of the part for each row: larger ones are taken for proportional.
    if (spread < 0.01 * meanRows * meanRows) return meanMs * Math.max(1, rows / meanRows)
    const perRow = Math.max(0, (this.#rowsMs / this.#weight - meanRows * meanMs) / spread)
    return Math.max(0, meanMs - perRow * meanRows) + perRow * rows
  }
}
