import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

export interface OpenLoop {
  readonly perSecond: number
  readonly seconds: number
  readonly signal: AbortSignal
  /** Sends request number `n`; resolves with what it was (a kind to report by) when it is answered. */
  readonly send: (n: number) => Promise<string>
}

export interface Latency {
  readonly requests: number
  readonly failed: number
  /** Milliseconds from the moment a request was due. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** P99 by kind. */
  readonly byKind: Readonly<Record<string, number>>
  /** Why requests failed. */
  readonly reasons: readonly string[]
}

const ms = (microseconds: number): number => Number((microseconds / 1_000).toFixed(2))

/**
 * Sends at a constant rate whether or not the answers come: a request's time runs from when it was due, so that a service that stands still is
 * charged for all who wait (no coordinated omission).
 */
export async function openLoop({ perSecond, seconds, signal, send }: OpenLoop): Promise<Latency> {
  const all = createHistogram({ figures: 3 })
  const kinds = new Map<string, RecordableHistogram>()
  const reasons = new Set<string>()
  let failed = 0
  const requests = Math.round(perSecond * seconds)
  const start = performance.now() + 50
  const open: Promise<void>[] = []
  for (let n = 0; n < requests; n++) {
    const due = start + (n * 1_000) / perSecond
    const wait = due - performance.now()
    if (wait > 0) await delay(wait, undefined, { signal })
    open.push(
      send(n).then(
        (kind) => {
          const took = Math.max(1, Math.round((performance.now() - due) * 1_000))
          all.record(took)
          const own = kinds.get(kind) ?? createHistogram({ figures: 3 })
          kinds.set(kind, own)
          own.record(took)
        },
        (error: Error) => {
          failed++
          if (reasons.size < 5) reasons.add(error.message)
        },
      ),
    )
  }
  await Promise.all(open)
  return {
    requests,
    failed,
    p50: ms(all.percentile(50)),
    p99: ms(all.percentile(99)),
    max: ms(all.max),
    byKind: Object.fromEntries([...kinds].map(([kind, own]) => [kind, ms(own.percentile(99))])),
    reasons: [...reasons],
  }
}
