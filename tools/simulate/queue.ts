/** What waits at the pods of a service, as a fluid: it comes and is answered evenly. Nothing is refused. */
export class Queue {
  readonly #capacity: number
  /** Requests. */
  waiting = 0
  /** Seconds that what came last waited, at the most. Pods that are not there yet make nobody's wait longer: it counts once one serves. */
  longestWait = 0

  /** `capacity`: requests per second that one pod answers. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** A stretch of time with that many requests per second, and that many pods that serve. */
  pass(demand: number, serving: number, seconds: number): void {
    const able = serving * this.#capacity
    this.waiting = Math.max(0, this.waiting + (demand - able) * seconds)
    if (able > 0) this.longestWait = Math.max(this.longestWait, this.waiting / able)
  }
}
