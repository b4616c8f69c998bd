import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { services } from '../../../policies/services.ts'
import type { Cause, Explanation } from '../../../services/common/autoscaling/explain/explain.ts'
import { ask, type Answer as Reply } from '../../region/ask.ts'
import { type Answer, askWhy } from '../../why/ask.ts'
import { kubectl, until } from '../cluster.ts'
import type { FullRegion } from '../full-region.ts'

const service = 'forecaster'
const { namespace, ports } = services[service]

interface Pods {
  readonly items: readonly { readonly status: { readonly podIP?: string; readonly phase: string } }[]
}

/** Why a service of a region has so many pods: by `make why`, and by the forecaster's own answer. */
export class Whys {
  readonly #full: FullRegion
  readonly #service: string

  constructor(full: FullRegion, service: string) {
    this.#full = full
    this.#service = service
  }

  /** What `make why` says now. */
  now(): Promise<Answer> {
    const now = Date.now()
    return askWhy(this.#full.where, this.#service, { at: now, now }, AbortSignal.timeout(30_000))
  }

  /** What `make why` said of a past moment, milliseconds. */
  at(at: number): Promise<Answer> {
    return askWhy(this.#full.where, this.#service, { at, now: Date.now() }, AbortSignal.timeout(30_000))
  }

  /** Until the cause is this one; the sentences that were said meanwhile are in what is thrown. */
  async until(cause: Cause, fuseMs?: number): Promise<Answer> {
    const heard = new Set<string>()
    return await until(
      `the cause '${cause}'`,
      async () => {
        const answer = await this.now()
        heard.add(answer.explained.sentence)
        return answer.explained.cause === cause && answer
      },
      fuseMs,
    ).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}\n${[...heard].join('\n')}`, { cause: error })
    })
  }

  /** What the forecaster answers: GET /v1/why. */
  async served(): Promise<Explanation> {
    const { status, body } = await this.forecaster(`/v1/why?service=${this.#service}`)
    if (status !== 200) throw new Error(`The forecaster answered ${status}: ${body}`)
    return JSON.parse(body) as Explanation
  }

  /** One GET of the forecaster's admin port, by who may read its figures. */
  async forecaster(path: string): Promise<Reply> {
    const args = ['-n', namespace, 'get', 'pods', '-l', 'app.kubernetes.io/name=forecaster']
    const { items } = await kubectl<Pods>(this.#full.access, args)
    const host = items.find(({ status }) => status.phase === 'Running')?.status.podIP
    if (!host) throw new Error('No pod of the forecaster runs.')
    const pem = (...file: string[]) => readFileSync(join(this.#full.region.paths.workloadPki, ...file))
    const options = {
      ...{ servername: service, agent: false },
      ...{ ca: pem('ca.crt'), cert: pem('prometheus', 'tls.crt'), key: pem('prometheus', 'tls.key') },
      signal: AbortSignal.timeout(15_000),
    }
    return await ask(`https://${host}:${ports.admin}${path}`, options)
  }
}
