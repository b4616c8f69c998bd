import { createHistogram, performance } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { Connection, type Failure } from './connection.ts'

export interface Load {
  readonly host: string
  readonly port: number
  /** A whole request as it goes over the wire, in base64. */
  readonly request: string
  readonly connections: number
  /** Requests a second, whatever the server does (open loop); each connection always busy (closed loop) where it is not given. */
  readonly rate?: number
  /** Measured; what comes before it warms both up and counts nowhere. */
  readonly seconds: number
  readonly warmUpSeconds: number
}

export interface Measured {
  /** Answered well within the measured time. */
  readonly requests: number
  readonly failed: Readonly<Record<Failure, number>>
  /** From the first due time that counts to the last answer. */
  readonly seconds: number
  /** Milliseconds from when a request was due (open loop) or sent (closed loop) to its answer. */
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  /** CPU seconds of the generator during the measured time. */
  readonly ownCpu: number
}

const tickMs = 1
/** An open loop waits so long for its last answers. */
const patienceMs = 10_000

export async function generate(load: Load): Promise<Measured> {
  const { host, port, connections, rate, seconds, warmUpSeconds } = load
  const request = Buffer.from(load.request, 'base64')
  const histogram = createHistogram({ figures: 3 })
  const failed = { status: 0, broken: 0 }
  const free: Connection[] = []
  const waiting: number[] = []
  let head = 0
  let [from, until] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  let last = 0
  let inFlight = 0
  const launch = (connection: Connection, due: number): void => {
    inFlight++
    connection.send(request, due)
  }
  const done = (connection: Connection, failure: Failure | undefined): void => {
    inFlight--
    const now = performance.now()
    if (connection.due >= from && connection.due < until) {
      last = now
      if (failure) failed[failure]++
      else histogram.record(Math.max(1, Math.round((now - connection.due) * 1_000)))
    }
    if (failure === 'broken') return
    if (rate === undefined) {
      if (now < until) launch(connection, now)
    } else if (head < waiting.length) launch(connection, waiting[head++]!)
    else free.push(connection)
  }
  const all = Array.from({ length: connections }, () => new Connection(host, port, done))
  await Promise.all(all.map((one) => one.opened()))

  const start = performance.now()
  from = start + warmUpSeconds * 1_000
  until = from + seconds * 1_000
  let cpu = process.cpuUsage()
  let measuring = false
  const look = (now: number): void => {
    if (measuring || now < from) return
    measuring = true
    cpu = process.cpuUsage()
  }
  if (rate === undefined) {
    for (const one of all) launch(one, performance.now())
    while (performance.now() < until) {
      look(performance.now())
      await delay(20)
    }
  } else {
    free.push(...all)
    for (let n = 0; start + (n / rate) * 1_000 < until; ) {
      const now = performance.now()
      look(now)
      for (; start + (n / rate) * 1_000 <= Math.min(now, until); n++) {
        const due = start + (n / rate) * 1_000
        const connection = free.pop()
        if (connection) launch(connection, due)
        else waiting.push(due)
      }
      await delay(tickMs)
    }
  }
  const used = process.cpuUsage(cpu)
  const patience = performance.now() + patienceMs
  while ((inFlight > 0 || (head < waiting.length && free.length < all.length)) && performance.now() < patience)
    await delay(5)
  // What was due and never answered is a failure, not a gap.
  failed.broken += inFlight + (waiting.length - head)
  for (const one of all) one.end()
  const at = (percentile: number): number => (histogram.count === 0 ? 0 : histogram.percentile(percentile) / 1_000)
  return {
    requests: histogram.count,
    failed,
    seconds: (Math.max(last, until) - from) / 1_000,
    p50: at(50),
    p99: at(99),
    p999: at(99.9),
    max: at(100),
    ownCpu: (used.user + used.system) / 1e6,
  }
}

if (import.meta.main) {
  const measured = await generate(JSON.parse(await text(process.stdin)) as Load)
  console.log(JSON.stringify(measured))
}
