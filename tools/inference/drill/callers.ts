import { Agent, request } from 'node:http'
import { performance } from 'node:perf_hooks'
import { OpenCalls } from '../../load/open-calls.ts'

/** What became of one request. */
export interface Answer {
  /** HTTP's status; 0 when the connection failed. */
  readonly status: number
  /** Which subset answered, by its own word. */
  readonly subset: string | undefined
  readonly ms: number
}

export interface CallersOptions {
  readonly port: number
  /** Requests a second, whatever becomes of those before. */
  readonly rate: number
}

const tickMs = 5

/**
 * Callers who do not wait for each other (an open loop): each request is sent when it is due, and each answer is counted here, at the
 * client. Nothing is tried again.
 */
export class OpenLoop {
  readonly answers: Answer[] = []
  readonly #options: CallersOptions
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 })
  #calls: OpenCalls | undefined

  constructor(options: CallersOptions) {
    this.#options = options
  }

  start(): this {
    this.#calls = new OpenCalls(this.#options.rate, tickMs, () => this.#ask())
    return this
  }

  /** Sends so many at once, and then as many as come back, until all are answered. */
  async burst(requests: number, atOnce = 32): Promise<readonly Answer[]> {
    const from = this.answers.length
    let left = requests
    const one = async () => {
      while (left-- > 0) await this.#ask()
    }
    await Promise.all(Array.from({ length: atOnce }, one))
    return this.answers.slice(from)
  }

  /** Ends with the last answer. */
  async stop(): Promise<readonly Answer[]> {
    await this.#calls?.stop()
    this.#agent.destroy()
    return this.answers
  }

  async #ask(): Promise<void> {
    const start = performance.now()
    const { promise, resolve } = Promise.withResolvers<Omit<Answer, 'ms'>>()
    const failed = () => resolve({ status: 0, subset: undefined })
    request({
      host: '127.0.0.1',
      port: this.#options.port,
      path: '/v2/models/m/infer',
      method: 'POST',
      agent: this.#agent,
      headers: { 'content-type': 'application/json' },
    })
      .on('response', (answer) => {
        const subset = answer.headers['x-subset']
        answer
          .on('error', failed)
          .on('end', () =>
            resolve({ status: answer.statusCode ?? 0, subset: typeof subset === 'string' ? subset : undefined }),
          )
          .resume()
      })
      .on('error', failed)
      .end('{"inputs":[]}')
    this.answers.push({ ...(await promise), ms: performance.now() - start })
  }
}

export const failed = (answers: readonly Answer[]): readonly Answer[] => answers.filter(({ status }) => status !== 200)
