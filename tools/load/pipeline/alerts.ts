import { createHistogram, performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { Consumer, Kafka } from 'kafkajs'
import { decodeAlert } from '../../../services/common/alerts/alert.ts'

/** What the benchmark reads of an alert's record. */
export interface SeenAlert {
  readonly id: string
  readonly rule: string
  /** `tenant/batch/line` of the events that made it. */
  readonly events: readonly string[]
}

/** An alert as the checker sees it. Throws for a record that is no alert. */
export function parseAlert(value: Buffer): SeenAlert {
  const alert = decodeAlert(value)
  if (alert === undefined) throw new Error(`The topic of alerts holds ${value.length} bytes that are no alert.`)
  const { id, tenant, rule, events } = alert
  return { id: `${tenant}/${id}`, rule, events: events.map(([batch, line]) => `${tenant}/${batch}/${line}`) }
}

/** An expected alert's event, and when it was due (milliseconds since the epoch). */
export interface Expected {
  readonly event: string
  readonly due: number
}

/** What came of the canaries of one rung. */
export interface AlertVerdict {
  readonly expected: number
  /** Events without an alert. */
  readonly missing: number
  /** Alerts whose id came before. */
  readonly doubled: number
  readonly alerts: number
  /** From an event's due time until its alert was read, milliseconds. */
  readonly ms: { readonly p50: number; readonly p99: number; readonly p999: number; readonly max: number }
}

/** Reads the topic of alerts from now on, and remembers when the first alert of each event was seen. */
export class AlertReader {
  readonly #consumer: Consumer
  readonly #seen = new Map<string, number>()
  readonly #ids = new Set<string>()
  #doubled = 0
  #last = 0

  private constructor(consumer: Consumer) {
    this.#consumer = consumer
  }

  /** Resolves when every partition is being read. */
  static async open(kafka: Kafka, topic: string): Promise<AlertReader> {
    const groupId = `bench-${process.pid}-${Date.now().toString(36)}`
    const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 50, minBytes: 1, sessionTimeout: 60_000 })
    const reader = new AlertReader(consumer)
    const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()))
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: false })
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ message }) => {
        if (message.value) reader.#take(message.value)
      },
    })
    await joined
    return reader
  }

  #take(value: Buffer): void {
    const now = performance.timeOrigin + performance.now()
    const { id, events } = parseAlert(value)
    this.#last = now
    if (this.#ids.has(id)) this.#doubled++
    this.#ids.add(id)
    for (const event of events) if (!this.#seen.has(event)) this.#seen.set(event, now)
  }

  /** Waits until every expected event has its alert, or nothing has come for `quietMs`; forgets the rung then. */
  async judge(expected: readonly Expected[], quietMs: number, signal: AbortSignal): Promise<AlertVerdict> {
    const missing = () => expected.reduce((n, { event }) => n + (this.#seen.has(event) ? 0 : 1), 0)
    const began = performance.timeOrigin + performance.now()
    while (missing() > 0) {
      const now = performance.timeOrigin + performance.now()
      if (now - Math.max(this.#last, began) > quietMs) break
      await delay(200, undefined, { signal })
    }
    const latency = createHistogram()
    for (const { event, due } of expected) {
      const seen = this.#seen.get(event)
      if (seen !== undefined) latency.record(Math.max(1, Math.round((seen - due) * 1_000)))
    }
    const ms = (p: number): number => (latency.count === 0 ? 0 : Math.round(latency.percentile(p) / 100) / 10)
    const verdict = {
      expected: expected.length,
      missing: missing(),
      doubled: this.#doubled,
      alerts: this.#ids.size,
      ms: { p50: ms(50), p99: ms(99), p999: ms(99.9), max: ms(100) },
    }
    this.#seen.clear()
    this.#ids.clear()
    this.#doubled = 0
    return verdict
  }

  close(): Promise<void> {
    return this.#consumer.disconnect()
  }
}
