import { retryLater } from '../../common/http/errors.ts'

export interface GateOptions {
  /** Statements that run at once. */
  readonly maxRunning: number
  /** Statements that may wait for a place. */
  readonly maxWaiting: number
  /** How long one may wait, milliseconds. */
  readonly waitMs: number
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
}

interface Waiter {
  readonly go: () => void
  readonly refuse: (why: unknown) => void
}

interface Line {
  running: number
  /** In the order of their coming. */
  readonly waiting: Set<Waiter>
  /** Milliseconds of the hot tier that this tenant has had, on the gate's own clock. */
  served: number
}

/**
 * Bounds what runs at the hot tier at once, and what waits for it, fairly among tenants. A free place goes to the tenant that has had the least
 * of the hot tier's time since it has been asking (start-time fair queueing with the measured time as the cost), so many or expensive
 * questions of one delay its own. One tenant never has all places. When the queue is full, the longest line gives way to a shorter one.
 * @see https://dl.acm.org/doi/10.1145/248156.248171
 */
export class Gate {
  readonly #options: GateOptions
  readonly #now: () => number
  /** Tenants that run or wait. */
  readonly #lines = new Map<string, Line>()
  /** Where a tenant begins that comes anew: nobody saves up time by not asking. */
  #clock = 0
  #running = 0
  #waiting = 0

  constructor(options: GateOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#waiting
  }

  /** Tenants that run or wait. */
  get tenants(): number {
    return this.#lines.size
  }

  /** Runs `work` of a tenant when there is a place for it. Throws HttpError 503 BUSY, or the signal's reason while it waits. */
  async pass<T>(tenant: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    const line = this.#lines.get(tenant) ?? { running: 0, waiting: new Set(), served: this.#clock }
    this.#lines.set(tenant, line)
    if (this.#mayRun(line)) this.#enter(line)
    else await this.#wait(tenant, line, signal)
    const start = this.#now()
    try {
      return await work()
    } finally {
      line.served += this.#now() - start
      line.running--
      this.#running--
      this.#forget(tenant, line)
      this.#next()
    }
  }

  /** One tenant has at most one place less than there are, where there are several. */
  #mayRun({ running }: Line): boolean {
    const { maxRunning } = this.#options
    return this.#running < maxRunning && running < Math.max(1, maxRunning - 1)
  }

  #enter(line: Line): void {
    line.running++
    this.#running++
    this.#clock = Math.max(this.#clock, line.served)
  }

  async #wait(tenant: string, line: Line, signal: AbortSignal): Promise<void> {
    const { maxWaiting, waitMs } = this.#options
    if (this.#waiting >= maxWaiting && !this.#makeRoom(line)) {
      this.#forget(tenant, line)
      throw busy(waitMs)
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    // Out of the queue before anything else runs: a place that is passed to one who has given up would be lost.
    const out = () => {
      line.waiting.delete(waiter)
      this.#waiting--
    }
    const waiter: Waiter = {
      go: () => {
        out()
        this.#enter(line)
        resolve()
      },
      refuse: (why) => {
        out()
        reject(why)
        this.#forget(tenant, line)
      },
    }
    line.waiting.add(waiter)
    this.#waiting++
    const timer = setTimeout(() => line.waiting.has(waiter) && waiter.refuse(busy(waitMs)), waitMs)
    const gone = () => line.waiting.has(waiter) && waiter.refuse(signal.reason)
    signal.addEventListener('abort', gone, { once: true })
    try {
      await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', gone)
    }
  }

  /** The last of the longest line goes, if that line stays no shorter than this one becomes. */
  #makeRoom(line: Line): boolean {
    let longest = line
    for (const other of this.#lines.values()) if (other.waiting.size > longest.waiting.size) longest = other
    if (longest.waiting.size <= line.waiting.size + 1) return false
    const last = [...longest.waiting].at(-1)
    last?.refuse(busy(this.#options.waitMs))
    return last !== undefined
  }

  /** Gives free places away. */
  #next(): void {
    while (this.#running < this.#options.maxRunning) {
      let least: Line | undefined
      for (const line of this.#lines.values())
        if (line.waiting.size > 0 && this.#mayRun(line) && (!least || line.served < least.served)) least = line
      const [first] = least?.waiting ?? []
      if (!first) return
      first.go()
    }
  }

  #forget(tenant: string, line: Line): void {
    if (line.running === 0 && line.waiting.size === 0 && this.#lines.get(tenant) === line) this.#lines.delete(tenant)
  }
}

const busy = (waitMs: number) =>
  retryLater(
    503,
    'BUSY',
    'More questions are being answered than may be at once. Ask again after the time in Retry-After.',
    waitMs / 2,
  )
