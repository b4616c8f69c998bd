/** The pods of a service over time, in seconds. What came last goes first, as a ReplicaSet does it: those that are not ready yet, then the youngest. */
export class Pods {
  /** When each is ready, ascending. */
  readonly #ready: number[]
  readonly #startup: number

  /** Begins with pods that are ready. */
  constructor(count: number, startup: number) {
    this.#ready = Array.from({ length: count }, () => Number.NEGATIVE_INFINITY)
    this.#startup = startup
  }

  /** Those that exist, ready or not. */
  get count(): number {
    return this.#ready.length
  }

  scale(count: number, now: number): void {
    while (this.#ready.length < count) this.#ready.push(now + this.#startup)
    this.#ready.length = count
  }

  ready(now: number): number {
    let count = this.#ready.length
    while (count > 0 && (this.#ready[count - 1] as number) > now) count--
    return count
  }

  /** When the next pod after `now` is ready; none: infinite. */
  next(now: number): number {
    return this.#ready[this.ready(now)] ?? Number.POSITIVE_INFINITY
  }
}
