import type { RedisCache } from '../../../common/cache/redis.ts'
import { retryLater } from '../../../common/http/errors.ts'

export interface BudgetOptions {
  readonly counts: Pick<RedisCache, 'increment'>
  readonly questionsPerDay: number
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

const dayMs = 86_400_000
const retryAfterMs = 5_000

/** How many questions an operator may ask in a day (UTC) over all replicas: many answers together tell more than each. */
export class Budget {
  readonly #options: BudgetOptions

  constructor(options: BudgetOptions) {
    this.#options = options
  }

  /** Takes one. Throws HttpError 429 BUDGET_SPENT, and 503 BUDGET_UNAVAILABLE when nobody can say how many were asked. */
  async take(operator: string): Promise<void> {
    const { counts, questionsPerDay, now = Date.now } = this.#options
    const at = now()
    const day = new Date(at).toISOString().slice(0, 10)
    const asked = await counts.increment(`nd:operator-questions:${operator}:${day}`, 2 * dayMs).catch(() => undefined)
    if (asked === undefined)
      throw retryLater(
        503,
        'BUDGET_UNAVAILABLE',
        'Questions over all tenants are counted, and that is not possible now. Ask again after the time in Retry-After.',
        retryAfterMs,
      )
    if (asked > questionsPerDay)
      throw retryLater(
        429,
        'BUDGET_SPENT',
        `An operator may ask ${questionsPerDay} questions over all tenants in a day, and these are asked. Ask again tomorrow (UTC).`,
        dayMs - (at % dayMs),
      )
  }
}
