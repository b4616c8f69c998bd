import { openVerdict, type ReplicaCounts, verdictOf } from './copies.ts'
import type { BatchId, StoredBatch } from './duplicates.ts'
import type { HotTier } from './hot-tier.ts'

export interface ReplicatedHotTierOptions {
  /** Whichever replica: makes the table and takes the inserts. */
  readonly writer: Pick<HotTier, 'prepare' | 'insert'>
  /** Each replica by itself; all of them. */
  readonly replicas: readonly Pick<HotTier, 'stored'>[]
  readonly quorum: number
}

/**
 * The hot tier on replicas. An insert is confirmed by a quorum of them; what is stored is asked of each by itself, and decided as soon as the
 * answers suffice. See docs/hot-tier.md, "With replicas".
 */
export class ReplicatedHotTier implements HotTier {
  readonly #options: ReplicatedHotTierOptions
  readonly #counts: ReplicaCounts

  constructor(options: ReplicatedHotTierOptions) {
    this.#options = options
    this.#counts = { replicas: options.replicas.length, quorum: options.quorum }
  }

  prepare(signal: AbortSignal): Promise<void> {
    return this.#options.writer.prepare(signal)
  }

  insert(token: string, rows: Buffer, signal: AbortSignal): Promise<void> {
    return this.#options.writer.insert(token, rows, signal)
  }

  /** Rejects with UNSETTLED or UNAVAILABLE where the replicas that answer cannot say it. */
  async stored(batches: readonly BatchId[], signal: AbortSignal): Promise<readonly StoredBatch[]> {
    signal.throwIfAborted()
    const { replicas } = this.#options
    const decided = new AbortController()
    const until = AbortSignal.any([signal, decided.signal])
    const outcome = Promise.withResolvers<readonly StoredBatch[]>()
    const answers: (readonly StoredBatch[])[] = []
    let open = replicas.length
    const settle = () => {
      open--
      if (signal.aborted) return outcome.reject(signal.reason)
      const verdict = verdictOf(answers, this.#counts)
      if (verdict.kind === 'known') outcome.resolve(verdict.stored)
      else if (open === 0) outcome.reject(openVerdict(verdict.kind, answers.length, this.#counts))
    }
    for (const replica of replicas)
      replica.stored(batches, until).then(
        (answer) => {
          answers.push(answer)
          settle()
        },
        () => settle(),
      )
    try {
      return await outcome.promise
    } finally {
      decided.abort(new Error('The other replicas have answered.'))
    }
  }
}
