import { randomUUID } from 'node:crypto'
import type { Log } from '../../../common/log/log.ts'
import { type Api, writeTimeoutMs } from './client.ts'
import type { Clock } from './clock.ts'
import { isConflict } from './errors.ts'
import type { KubeObject, Ref } from './object.ts'

/** Thrown by a write of one who does not lead, or not for sure. */
export class NotLeaderError extends Error {
  readonly code = 'NOT_LEADER'
}

export interface LeaseTimes {
  /** Others take over when they have seen no renewal for so long. */
  readonly durationMs: number
  /** The leader writes for so long after it began its last renewal, and no longer. */
  readonly renewWithinMs: number
  readonly retryMs: number
}

/**
 * Others wait 15 s; the leader stops writing after 9 s. A write that it sent at the last moment is given up by the server after
 * `writeTimeoutMs` (4 s): two seconds are left for the way there.
 */
export const leaseTimes: LeaseTimes = { durationMs: 15_000, renewWithinMs: 9_000, retryMs: 2_000 }

interface LeaseSpec {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string
  readonly renewTime?: string
  readonly leaseTransitions?: number
}

export interface LeadershipOptions {
  readonly api: Api
  readonly lease: Ref
  /** Of this process among all. */
  readonly identity: string
  readonly clock: Clock
  readonly log: Log
  readonly times?: LeaseTimes
  readonly random?: () => number
}

/** The API's microseconds. */
const micro = (date: Date): string => date.toISOString().replace('Z', '000Z')

/**
 * Who of several processes works, by a Lease. Two never hold it at once, as each change of it is conditional on the version that was
 * read. Time is each process's own monotonic clock: nobody compares clocks. What a fence adds stands at `Fence`.
 */
export class Leadership {
  readonly #options: LeadershipOptions
  readonly #times: LeaseTimes
  /** The version of the lease that was seen last, and when it was first seen. */
  #seen: { readonly version: string; readonly at: number } | undefined
  #term: Fence | undefined

  constructor(options: LeadershipOptions) {
    this.#options = options
    this.#times = options.times ?? leaseTimes
    if (this.#times.renewWithinMs + writeTimeoutMs >= this.#times.durationMs)
      throw new RangeError('The last write of a leader must be over before another takes its lease.')
  }

  get leading(): boolean {
    return this.#term?.open ?? false
  }

  /** Waits until this process leads. The fence closes when it does no longer. Rejects only with the signal's reason. */
  async acquire(signal: AbortSignal): Promise<Fence> {
    const { clock, log, random = Math.random } = this.#options
    for (;;) {
      const sent = clock.now()
      const lease = await this.#try(signal).catch((error) => {
        signal.throwIfAborted()
        if (!isConflict(error)) log.warn('The lease cannot be read or taken.', { error })
        return undefined
      })
      if (lease) {
        const term = new Fence(clock, sent + this.#times.renewWithinMs, transitions(lease))
        this.#term = term
        void this.#keep(term, lease)
        return term
      }
      await clock.sleep(this.#times.retryMs * (0.9 + 0.2 * random()), signal)
    }
  }

  /** Gives the lease back, so that the next need not wait. Nothing is written under it any more. */
  async release(): Promise<void> {
    const { api, lease: ref, identity, clock, log } = this.#options
    this.#term?.close('The lease was given back.')
    try {
      const lease = await api.get(ref)
      if (!lease || spec(lease).holderIdentity !== identity) return
      const renewTime = micro(clock.date())
      await api.replace({ ...lease, spec: { ...spec(lease), holderIdentity: '', leaseDurationSeconds: 1, renewTime } })
    } catch (error) {
      log.warn('The lease could not be given back: the next leader waits until it ends.', { error })
    }
  }

  /** The lease when it is ours now. */
  async #try(signal: AbortSignal): Promise<KubeObject | undefined> {
    const { api, lease: ref, identity, clock } = this.#options
    const lease = await api.get(ref, signal)
    const now = micro(clock.date())
    const mine = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#times.durationMs / 1_000),
      acquireTime: now,
      renewTime: now,
    }
    if (!lease)
      return api.create(
        {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name: ref.name, namespace: ref.namespace },
          spec: { ...mine, leaseTransitions: 0 },
        },
        signal,
      )
    const version = lease.metadata.resourceVersion ?? ''
    if (this.#seen?.version !== version) this.#seen = { version, at: clock.now() }
    const { holderIdentity } = spec(lease)
    const over = clock.now() - this.#seen.at >= this.#times.durationMs
    // An earlier term of this very process ended without giving it back: its writes are over, for its fence is closed.
    if (holderIdentity && holderIdentity !== identity && !over) return undefined
    return api.replace({ ...lease, spec: { ...mine, leaseTransitions: transitions(lease) + 1 } }, signal)
  }

  /** Renews until it is lost. */
  async #keep(term: Fence, taken: KubeObject): Promise<void> {
    const { api, clock, log } = this.#options
    let lease = taken
    while (term.open) {
      await clock.sleep(this.#times.retryMs, term.signal).catch(() => undefined)
      if (!term.open) return
      const sent = clock.now()
      try {
        const renewTime = micro(clock.date())
        lease = await api.replace({ ...lease, spec: { ...spec(lease), renewTime } }, term.signal)
        term.extend(sent + this.#times.renewWithinMs)
      } catch (error) {
        if (!term.open) return
        if (!isConflict(error)) {
          log.warn('The lease was not renewed; trying again.', { error })
          continue
        }
        // Ours by a renewal whose answer was lost, or another's.
        const now = await api.get(this.#options.lease, term.signal).catch(() => undefined)
        if (now && spec(now).holderIdentity !== this.#options.identity)
          return term.close(`${spec(now).holderIdentity || 'Nobody'} has the lease.`)
        if (now) lease = now
      }
    }
  }
}

const spec = (lease: KubeObject): LeaseSpec => (lease.spec ?? {}) as LeaseSpec
const transitions = (lease: KubeObject): number => spec(lease).leaseTransitions ?? 0

/**
 * One term of a leader: open until the lease was not renewed in time, or another has it. A write under it is checked before it is sent
 * and its call ends with the term; the server itself gives it up after `writeTimeoutMs`. So a write of a former leader can only
 * land after the next one took over when it was on its way for more than what `leaseTimes` leaves, or its process was stopped between check and send;
 * then `resourceVersion`, which every write to what another may have changed carries, refuses it.
 */
export class Fence {
  readonly #clock: Clock
  readonly #closed = new AbortController()
  /** Which term of the lease this is: grows with every leader. */
  readonly epoch: number
  #until: number
  #cancel: (() => void) | undefined

  constructor(clock: Clock, until: number, epoch: number) {
    this.#clock = clock
    this.#until = until
    this.epoch = epoch
    this.#arm()
  }

  get open(): boolean {
    // Not by the timer: after a stop of the process it may be late.
    if (!this.#closed.signal.aborted && this.#clock.now() >= this.#until)
      this.close('The lease was not renewed in time.')
    return !this.#closed.signal.aborted
  }

  /** Aborts with the term. */
  get signal(): AbortSignal {
    return this.#closed.signal
  }

  /** Throws NotLeaderError unless the term is open. */
  check(): void {
    if (!this.open) throw this.#closed.signal.reason
  }

  extend(until: number): void {
    if (!this.open) return
    this.#until = until
    this.#arm()
  }

  close(why: string): void {
    this.#cancel?.()
    if (!this.#closed.signal.aborted) this.#closed.abort(new NotLeaderError(why))
  }

  #arm(): void {
    this.#cancel?.()
    this.#cancel = this.#clock.after(Math.max(0, this.#until - this.#clock.now()), () => void this.open)
  }
}

/** A name that no other process has, nor a later one of the same pod. */
export const identityOf = (pod: string): string => `${pod}_${randomUUID()}`
