import type { InferenceRegion } from '../../../policies/model/inference-region.ts'
import type { Log } from '../../common/log/log.ts'
import type { Metrics } from '../../common/metrics/metrics.ts'
import type { Api } from './api/client.ts'
import type { Clock } from './api/clock.ts'
import { ApiError } from './api/errors.ts'
import { Events } from './api/events.ts'
import { fenced } from './api/fenced.ts'
import { Informer } from './api/informer.ts'
import { type Fence, Leadership, type LeaseTimes, NotLeaderError } from './api/lease.ts'
import { type KindName, type KubeObject, keyOf } from './api/object.ts'
import { walksOf } from './canary/metrics.ts'
import { overdueSeconds } from './canary/overdue.ts'
import { madeKinds } from './desired/desired.ts'
import { inferenceLabel, manager } from './desired/names.ts'
import type { Inference } from './inference.ts'
import { type OperatorMetrics, operatorMetrics } from './metrics.ts'
import type { PlanOf } from './plan.ts'
import { type Outcome, WorkQueue } from './queue.ts'
import { reconcile } from './reconcile.ts'

/** The canary controller, made anew for each term of a leader. */
export interface CanaryPart {
  readonly planOf: PlanOf
  readonly after?: (inference: Inference, signal: AbortSignal) => Promise<Outcome>
}

export interface CanaryPorts {
  /** Writes only within the term. */
  readonly api: Api
  readonly region: InferenceRegion
  readonly clock: Clock
  readonly log: Log
  readonly events: Pick<Events, 'tell'>
  /** The resource's pods, as the informer knows them. */
  readonly pods: (namespace: string, name: string) => readonly KubeObject[]
  /** All MLInference objects, as the informer knows them; none when the term is over. */
  readonly inferences: () => readonly KubeObject[]
}

export interface OperatorOptions {
  readonly api: Api
  readonly region: InferenceRegion
  /** Where the resources are that it looks after, and its own lease. */
  readonly namespace: string
  readonly identity: string
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly canary: (ports: CanaryPorts) => CanaryPart
  /** Default: `leaseTimes`. */
  readonly times?: LeaseTimes
}

/** Kinds of others' definitions: they may come later, and nobody waits for them. */
const optionalKinds: ReadonlySet<KindName> = new Set(['DestinationRule', 'VirtualService', 'ScaledObject'])
const workers = 4
const limits = { baseMs: 250, capMs: 60_000 }
/** Everything is looked at once in so long, though nothing was told: a net under the watches. */
const resyncMs = 600_000
/** One run may take so long. */
const runMs = 60_000
/** Without a watch for so long, what it knows is too old to be called ready. */
const deafMs = 60_000

/** Keeps every MLInference of a namespace right while it leads, and knows the world already while it does not. */
export class Operator {
  readonly #options: OperatorOptions
  readonly #leadership: Leadership
  readonly #informers: readonly Informer[]
  readonly #metrics: OperatorMetrics
  readonly #stopped = new AbortController()
  /** Of the present term. */
  #queue: WorkQueue | undefined
  #loop: Promise<void> | undefined

  constructor(options: OperatorOptions) {
    this.#options = options
    const { api, namespace, identity, clock, log, times } = options
    this.#leadership = new Leadership({
      api,
      lease: { kind: 'Lease', namespace, name: manager },
      identity,
      clock,
      log,
      ...(times ? { times } : {}),
    })
    const kinds = ['MLInference', 'Pod', ...madeKinds] as const
    this.#informers = kinds.map((kind) => this.#informer(kind))
    this.#metrics = operatorMetrics(options.metrics, {
      leader: () => this.#leadership.leading,
      depth: () => this.#queue?.depth ?? 0,
      resources: () => this.#of('MLInference').length,
      overdue: () =>
        overdueSeconds(
          walksOf(this.#of('MLInference')).map(({ state }) => state),
          options.clock.date(),
        ),
    })
  }

  get leading(): boolean {
    return this.#leadership.leading
  }

  /** Why it does not know the world; nothing when it does. Ready is also who waits to lead. */
  problem(): string | undefined {
    const deaf = this.#informers.filter(({ kind, deafMs: for_ }) => !optionalKinds.has(kind) && for_ > deafMs)
    return deaf.length > 0 ? `It has no watch of ${deaf.map(({ kind }) => kind).join(', ')}.` : undefined
  }

  /** Resolves when it knows what is there. */
  async start(): Promise<void> {
    for (const informer of this.#informers) informer.start()
    await Promise.all(this.#informers.filter(({ kind }) => !optionalKinds.has(kind)).map(({ synced }) => synced))
    this.#loop = this.#lead()
  }

  /** Finishes what it is doing, gives the lease back, and ends. */
  async stop(): Promise<void> {
    this.#stopped.abort(new Error('The operator stops.'))
    await this.#loop
    await Promise.all(this.#informers.map((informer) => informer.stop()))
  }

  /** One term after another. */
  async #lead(): Promise<void> {
    const { log } = this.#options
    const { signal } = this.#stopped
    while (!signal.aborted) {
      const fence = await this.#leadership.acquire(signal).catch(() => undefined)
      if (!fence) break
      log.info('This process leads.', { epoch: fence.epoch })
      await this.#term(fence)
      if (!signal.aborted) log.warn('This process leads no longer.', { reason: String(fence.signal.reason) })
    }
    await this.#leadership.release()
  }

  async #term(fence: Fence): Promise<void> {
    const { clock, log } = this.#options
    const both = AbortSignal.any([fence.signal, this.#stopped.signal])
    const ended = new Promise<void>((resolve) => {
      if (both.aborted) resolve()
      else both.addEventListener('abort', () => resolve(), { once: true })
    })
    const work = this.#worker(fence)
    const queue = new WorkQueue({
      work,
      workers,
      backoff: limits,
      clock,
      failed: (key, error, pauseMs) => {
        if (error instanceof NotLeaderError) return
        this.#metrics.failed(error instanceof ApiError ? error.reason || `${error.status}` : codeOf(error))
        log.warn('A resource could not be brought to what it says; it will be tried again.', { error, key, pauseMs })
      },
    })
    this.#queue = queue
    const all = () => {
      for (const object of this.#of('MLInference')) queue.add(keyOf(object))
    }
    all()
    let cancel = () => {}
    const again = () => {
      cancel = clock.after(resyncMs, () => {
        all()
        again()
      })
    }
    again()
    await ended
    cancel()
    this.#queue = undefined
    await queue.stop()
  }

  #worker(fence: Fence): (key: string) => Promise<Outcome> {
    const { api: open, region, clock, log, identity, canary } = this.#options
    const api = fenced(open, fence)
    const events = new Events({ api, clock, log, controller: 'neurodefender.io/operator', instance: identity })
    const pods = (namespace: string, name: string) => this.#made(['Pod'], namespace, name)
    const inferences = () => (fence.signal.aborted ? [] : this.#of('MLInference'))
    const part = canary({ api, region, clock, log, events, pods, inferences })
    return async (key) => {
      const began = clock.now()
      const signal = AbortSignal.any([fence.signal, AbortSignal.timeout(runMs)])
      try {
        const outcome = await reconcile(
          {
            ...{ api, region, clock, events, ...part },
            made: (namespace, name) => this.#made(['Pod', ...madeKinds], namespace, name),
          },
          key,
          signal,
        )
        this.#metrics.ran((clock.now() - began) / 1_000, 'done')
        return outcome
      } catch (error) {
        this.#metrics.ran((clock.now() - began) / 1_000, 'failed')
        throw error
      }
    }
  }

  #informer(kind: KindName): Informer {
    const { api, namespace, clock, log } = this.#options
    const own = kind === 'MLInference'
    return new Informer({
      api,
      kind,
      namespace,
      clock,
      log: log.with({ kind }),
      ...(own ? {} : { labelSelector: inferenceLabel }),
      changed: (key, now, before) => {
        if (own) {
          this.#queue?.add(key)
          return
        }
        const { labels } = (now ?? before)?.metadata ?? {}
        const name = labels?.[inferenceLabel]
        if (name) this.#queue?.add(`${namespace}/${name}`)
      },
      restarted: (why) => this.#metrics.restarted(kind, why),
      listed: () => {
        // A definition that was missing is there: what was left out can be made.
        if (optionalKinds.has(kind)) for (const object of this.#of('MLInference')) this.#queue?.add(keyOf(object))
      },
    })
  }

  #of(kind: KindName): readonly KubeObject[] {
    return this.#informers.find((informer) => informer.kind === kind)?.all() ?? []
  }

  #made(kinds: readonly KindName[], namespace: string, name: string): readonly KubeObject[] {
    return kinds
      .flatMap((kind) => this.#of(kind))
      .filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.[inferenceLabel] === name)
  }
}

const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return typeof code === 'string' ? code : 'Unexpected'
}
