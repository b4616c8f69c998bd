import { Agent } from 'node:https'
import { OpenCalls } from '../../load/open-calls.ts'
import { ask } from '../../region/ask.ts'

const tickMs = 5

export interface Answer {
  /** 0: none came. */
  readonly status: number
  /** What the pod said: its subset and its name; or why no answer came. */
  readonly text: string
}

/** What is asked; a GET of '/' where nothing is said. */
export interface Question {
  readonly path: string
  /** JSON, posted. */
  readonly body: string
}

/** Asks the gateway from outside the region, over TLS. */
export class GatewayClient {
  readonly #agent: Agent
  readonly #address: string
  readonly port: number

  constructor(address: string, port: number, ca: string) {
    this.#address = address
    this.port = port
    this.#agent = new Agent({ keepAlive: true, maxSockets: 64, ca })
  }

  /** One request, tried once. */
  ask(host: string, question?: Question): Promise<Answer> {
    const options = {
      agent: this.#agent,
      // It is the gateway’s address that its certificate is to be good for, not the host asked for.
      servername: '',
      method: question ? 'POST' : 'GET',
      headers: { host, ...(question ? { 'content-type': 'application/json' } : {}) },
      signal: AbortSignal.timeout(10_000),
    }
    return ask(`https://${this.#address}:${this.port}${question?.path ?? '/'}`, options, question?.body).then(
      ({ status, body }) => ({ status, text: body }),
      (error: Error) => ({ status: 0, text: error.message }),
    )
  }

  /** `count` requests, `atOnce` of them under way. */
  async many(host: string, count: number, atOnce = 16): Promise<Answer[]> {
    const answers: Answer[] = []
    let left = count
    const worker = async () => {
      while (left-- > 0) answers.push(await this.ask(host))
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    return answers
  }

  /** `perSecond` requests every second, whether the ones before are answered or not, until `done` is. */
  async whileGoing<T>(
    host: string,
    perSecond: number,
    done: Promise<T>,
    question?: Question,
  ): Promise<{ answers: Answer[]; result: T }> {
    const answers: Answer[] = []
    const calls = new OpenCalls(perSecond, tickMs, async () => void answers.push(await this.ask(host, question)))
    const result = await done.finally(() => calls.stop())
    return { answers, result }
  }

  close(): void {
    this.#agent.destroy()
  }
}

export const failed = (answers: readonly Answer[]): Answer[] => answers.filter(({ status }) => status !== 200)

/** How many answers each subset gave. */
export const bySubset = (answers: readonly Answer[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ text }) => text.split(' ')[0] ?? '')].map(([subset, its]) => [subset, its.length]),
  )
