/**
 * Ids of the last `most` alerts at least, and all that were recovered, until `settle` says that what they were recovered for is over. Two generations:
 * when the newer is full the older is forgotten as a whole.
 */
export class RecentIds {
  readonly #most: number
  #newer = new Set<string>()
  #older = new Set<string>()
  #recovered = new Set<string>()

  constructor(most: number) {
    this.#most = most
  }

  /** Whether the id is new; it is remembered. */
  add(id: string): boolean {
    if (this.#newer.has(id) || this.#older.has(id) || this.#recovered.has(id)) return false
    this.#newer.add(id)
    if (this.#newer.size >= this.#most) {
      this.#older = this.#newer
      this.#newer = new Set()
    }
    return true
  }

  /** Remembers what stands in the topic, however many there are. */
  recover(id: string): void {
    this.#recovered.add(id)
  }

  /** From here on what was recovered counts like any other that is old. */
  settle(): void {
    for (const id of this.#recovered) this.#older.add(id)
    this.#recovered = new Set()
  }
}
