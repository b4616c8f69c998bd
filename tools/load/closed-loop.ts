import { performance } from 'node:perf_hooks'
import { batches } from './batches.ts'

/** What a closed loop did: each of its senders waits for its answer before it sends again. */
export interface LoopResult {
  readonly events: number
  readonly seconds: number
  /** Of one exchange, milliseconds. */
  readonly p50: number
  readonly p99: number
  /** CPU seconds of this process, everything included. */
  readonly ownCpu: number
}

export interface LoopOptions {
  readonly bodies: readonly Buffer[]
  readonly eventsPerBody: number
  readonly concurrency: number
  readonly signal: AbortSignal
  /** Sends body number `n` and resolves when it is acknowledged. */
  readonly send: (body: Buffer, n: number) => Promise<void>
}

/** Bodies of `batch` lines each, `events` lines in all, out of a file that is repeated as often as it takes. Made before the clock runs. */
export async function bodiesOf(file: string, events: number, batch: number): Promise<readonly Buffer[]> {
  const lines: Buffer[] = []
  for await (const { body } of batches(file, { size: 1, maxBytes: Number.MAX_SAFE_INTEGER, idPrefix: '' }))
    lines.push(body)
  if (lines.length === 0) throw new RangeError(`${file} holds no events.`)
  const bodies = Math.ceil(events / batch)
  return Array.from({ length: bodies }, (_, n) =>
    Buffer.concat(Array.from({ length: batch }, (_, i) => lines[(n * batch + i) % lines.length] as Buffer)),
  )
}

/** Sends every body once. Bounded: it ends with the last body, or with the first failure. */
export async function closedLoop({
  bodies,
  eventsPerBody,
  concurrency,
  signal,
  send,
}: LoopOptions): Promise<LoopResult> {
  const times: number[] = []
  let next = 0
  const sender = async (): Promise<void> => {
    for (let n = next++; n < bodies.length; n = next++) {
      signal.throwIfAborted()
      const start = performance.now()
      await send(bodies[n] as Buffer, n)
      times.push(performance.now() - start)
    }
  }
  const cpu = process.cpuUsage()
  const start = performance.now()
  await Promise.all(Array.from({ length: concurrency }, sender))
  const seconds = (performance.now() - start) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  times.sort((a, b) => a - b)
  const at = (share: number): number =>
    Number((times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(1))
  return { events: bodies.length * eventsPerBody, seconds, p50: at(0.5), p99: at(0.99), ownCpu: (user + system) / 1e6 }
}
