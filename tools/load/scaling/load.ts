import { createHistogram, performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { Connection, type Failure, type Trust } from '../../inference/bench/connection.ts'

export interface LoadOptions {
  readonly host: string
  readonly port: number
  /** Default: in the clear. */
  readonly trust?: Trust
  /** A whole request as it goes over the wire. */
  readonly request: Buffer
  readonly connections: number
  /** Requests a second, whatever becomes of those before. */
  readonly rate: number
}

export interface LoadFigures {
  readonly sent: number
  readonly answered: number
  readonly failed: Readonly<Record<Failure, number>>
  /** Milliseconds from when a request was due to its answer. */
  readonly p50: number
  readonly p99: number
}

const tickMs = 2
const patienceMs = 10_000
const reopenMs = 200

/** An open loop over kept connections, from `start` to `stop`. One that breaks is opened anew. */
export class OpenLoad {
  readonly #options: LoadOptions
  readonly #histogram = createHistogram({ figures: 3 })
  readonly #failed = { status: 0, broken: 0 }
  readonly #free: Connection[] = []
  readonly #all = new Set<Connection>()
  #waiting: number[] = []
  #sent = 0
  #stopped = false
  #loop: Promise<void> | undefined

  constructor(options: LoadOptions) {
    this.#options = options
  }

  /** Resolves when all connections are open and the first request is due. */
  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.connections }, () => this.#open()))
    this.#loop = this.#run()
  }

  /** Ends with the last answer, or 10 s after the last request: what is not answered then has failed. */
  async stop(): Promise<LoadFigures> {
    this.#stopped = true
    await this.#loop
    const until = performance.now() + patienceMs
    while (this.#unanswered() > 0 && performance.now() < until) await delay(tickMs)
    this.#failed.broken += this.#unanswered()
    for (const one of this.#all) one.end()
    const at = (percentile: number): number =>
      this.#histogram.count === 0 ? 0 : this.#histogram.percentile(percentile) / 1_000
    return { sent: this.#sent, answered: this.#histogram.count, failed: this.#failed, p50: at(50), p99: at(99) }
  }

  #unanswered(): number {
    return this.#sent - this.#histogram.count - this.#failed.status - this.#failed.broken
  }

  async #open(): Promise<void> {
    const { host, port, trust } = this.#options
    const one = new Connection(host, port, (connection, failure) => this.#done(connection, failure), trust)
    this.#all.add(one)
    try {
      await one.opened()
    } catch (error) {
      this.#all.delete(one)
      throw error
    }
    this.#offer(one)
  }

  #offer(connection: Connection): void {
    const due = this.#waiting.shift()
    if (due === undefined) this.#free.push(connection)
    else connection.send(this.#options.request, due)
  }

  #done(connection: Connection, failure: Failure | undefined): void {
    if (failure) this.#failed[failure]++
    else this.#histogram.record(Math.max(1, Math.round((performance.now() - connection.due) * 1_000)))
    if (failure === 'broken') {
      this.#all.delete(connection)
      void this.#reopen()
    } else this.#offer(connection)
  }

  /** The gateway may be going: the rest of the connections carry the load until there is another. */
  async #reopen(): Promise<void> {
    while (!this.#stopped)
      try {
        return await this.#open()
      } catch {
        await delay(reopenMs)
      }
  }

  async #run(): Promise<void> {
    const { rate, request } = this.#options
    const start = performance.now()
    while (!this.#stopped) {
      const due = Math.floor(((performance.now() - start) * rate) / 1_000)
      for (; this.#sent < due; this.#sent++) {
        const at = start + (this.#sent / rate) * 1_000
        const connection = this.#free.pop()
        if (connection) connection.send(request, at)
        else this.#waiting.push(at)
      }
      await delay(tickMs)
    }
  }
}
