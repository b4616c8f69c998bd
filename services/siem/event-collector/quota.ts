import type { Quota, Tenant } from '../../common/tenants/registry.ts'

interface Bucket {
  tokens: number
  /** Milliseconds of a clock that never goes back. */
  at: number
}

/** Token buckets, one a tenant: `burst` events at once, `eventsPerSecond` on average, per replica of the collector. */
export class Quotas {
  readonly #default: Quota
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()

  constructor(fallback: Quota, now: () => number = () => performance.now()) {
    this.#default = fallback
    this.#now = now
  }

  /** Takes `events` from the tenant's bucket; answers 0, or the milliseconds after which there will be enough (nothing is taken then). */
  take({ name, quota = this.#default }: Tenant, events: number): number {
    const now = this.#now()
    const bucket = this.#buckets.get(name) ?? { tokens: quota.burst, at: now }
    this.#buckets.set(name, bucket)
    bucket.tokens = Math.min(quota.burst, bucket.tokens + ((now - bucket.at) / 1_000) * quota.eventsPerSecond)
    bucket.at = now
    // A request larger than the whole burst passes a full bucket and leaves a debt: it could never pass otherwise.
    const needed = Math.min(events, quota.burst)
    if (bucket.tokens >= needed) {
      bucket.tokens -= events
      return 0
    }
    return ((needed - bucket.tokens) / quota.eventsPerSecond) * 1_000
  }

  /** Gives back what a request took and did not use. */
  giveBack({ name, quota = this.#default }: Tenant, events: number): void {
    const bucket = this.#buckets.get(name)
    if (bucket) bucket.tokens = Math.min(quota.burst, bucket.tokens + events)
  }
}
