import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { Schedule } from './schedule.ts'
import type { Sender } from './sender.ts'
import type { Shape } from './shape.ts'
import type { EventStream } from './stream.ts'

export interface RunOptions {
  /** Events a second where the shape is 1. */
  readonly rate: number
  readonly seconds: number
  readonly shape: Shape
  readonly stream: EventStream
  readonly sender: Sender
  readonly signal: AbortSignal
  /** Now and then. */
  readonly onProgress?: (seconds: number) => void
}

export interface RunResult {
  /** Events that were due. */
  readonly offered: number
  readonly seconds: number
  /** From the first due time to the last acknowledgement. */
  readonly untilLast: number
  /** The most that the generator itself was behind its schedule, milliseconds: it shares the machine. */
  readonly maxLagMs: number
}

const tickMs = 2

/** One open-loop run. Ends when all that was due has been acknowledged, or with the first failure. */
export async function run({
  rate,
  seconds,
  shape,
  stream,
  sender,
  signal,
  onProgress,
}: RunOptions): Promise<RunResult> {
  const schedule = new Schedule(rate, seconds, shape)
  const start = performance.timeOrigin + performance.now()
  let maxLagMs = 0
  let lastLook = start
  let told = start
  while (!schedule.over) {
    signal.throwIfAborted()
    const now = performance.timeOrigin + performance.now()
    maxLagMs = Math.max(maxLagMs, now - lastLook - tickMs)
    lastLook = now
    schedule.until((now - start) / 1_000, (due) => {
      const complete = stream.add(start + due * 1_000)
      if (complete) sender.send(complete)
    })
    for (const batch of stream.ripe(now)) sender.send(batch)
    if (now - told > 1_000) {
      told = now
      onProgress?.((now - start) / 1_000)
    }
    await delay(tickMs)
  }
  for (const batch of stream.ripe(Number.POSITIVE_INFINITY)) sender.send(batch)
  await sender.finish()
  const end = performance.timeOrigin + performance.now()
  return { offered: schedule.given, seconds, untilLast: (end - start) / 1_000, maxLagMs: Math.round(maxLagMs) }
}
