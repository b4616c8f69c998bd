import { tracing } from '../../../policies/tracing.ts'
import { decodeBatches, encodeBatch } from '../../../services/common/bus/kafka/wire/records.ts'
import { exportRequest } from '../../../services/common/tracing/otlp.ts'
import type { Span } from '../../../services/common/tracing/span.ts'
import { Tracer, untraced } from '../../../services/common/tracing/tracer.ts'

const usage = `usage: npm run --silent bench:traces -- [--rounds N]

What following requests costs, in CPU nanoseconds of one thread: of a request that is not followed, of a record, of a trace. The least of
N rounds (default 7), so that neighbours count little.`

interface Case {
  readonly what: string
  /** How often `run` does the work that is told. */
  readonly times: number
  readonly run: () => void
}

/** CPU nanoseconds of one time, the least of all rounds. */
function measure({ times, run }: Case, rounds: number): number {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    run()
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, ((user + system) * 1_000) / times)
  }
  return least
}

const headers = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' }
const chosen = (oneIn: number, to: (span: Span) => void) =>
  new Tracer({ oneIn, perSecond: 1e12, burst: 1e12, export: to })
let kept = 0

/** As the collector and the engine tell of one request with one alert, and as it is exported. */
function wholeTrace(tracer: Tracer, spans: Span[]): void {
  spans.length = 0
  const root = tracer.begin('collect', headers, { kind: 'server' })!
  for (const name of ['read', 'parse', 'normalise']) root.child(name).finish()
  const sent = root.child('produce events.raw', { kind: 'producer' })
  const origin = tracer.origin(sent.traceparent)!
  sent.finish()
  root.set({ 'nd.events': 97 }).finish()
  tracer.follow(origin, 'wait events.raw').finish()
  const correlate = tracer.follow(origin, 'correlate')
  for (const name of ['decode', 'evaluate']) correlate.child(name).finish()
  const alert = correlate.child('alert')
  alert.child('publish').finish()
  alert.finish()
  correlate.finish()
  kept += exportRequest({ 'service.name': 'bench' }, spans).length
}

function cases(): Case[] {
  const never = chosen(2 ** 40, () => {})
  const spans: Span[] = []
  const always = chosen(1, (span) => spans.push(span))
  const sampled = chosen(tracing.oneIn, (span) => spans.push(span))
  const records = Array.from({ length: 100 }, (_, i) => ({ key: Buffer.alloc(4, i), value: Buffer.alloc(2_000, i) }))
  const withHeaders = records.map((record) => ({ ...record, ...headers }))
  const sequence = { producerId: 1n, epoch: 0, first: 0 }
  const plain = encodeBatch(records, 1, sequence)
  const traced = encodeBatch(withHeaders, 1, sequence)
  const repeat = (what: string, times: number, work: () => void, each = 1): Case => ({
    what,
    times: times * each,
    run: () => {
      for (let i = 0; i < times; i++) work()
    },
  })
  const begin = (tracer: Tracer) => () => {
    if (tracer.begin('collect', headers) !== undefined) kept++
  }
  return [
    repeat('a request, nothing is traced', 5_000_000, begin(untraced)),
    repeat('a request that is not chosen', 5_000_000, begin(never)),
    repeat(`a request, one in ${tracing.oneIn} chosen, its root alone`, 1_000_000, () => {
      spans.length = 0
      sampled.begin('collect', headers)?.finish()
    }),
    repeat('a record written', 2_000, () => (kept += encodeBatch(records, 1, sequence).length), 100),
    repeat('a record written, in a trace', 2_000, () => (kept += encodeBatch(withHeaders, 1, sequence).length), 100),
    repeat('a record read', 10_000, () => (kept += decodeBatches(plain, 0n).records.length), 100),
    repeat('a record read, in a trace', 10_000, () => (kept += decodeBatches(traced, 0n).records.length), 100),
    repeat('a whole trace of 11 spans, with its export', 5_000, () => wholeTrace(always, spans)),
  ]
}

function main(args: readonly string[]): number {
  const at = args.indexOf('--rounds')
  const rounds = at === -1 ? 7 : Number(args[at + 1])
  if (args.includes('--help') || !Number.isInteger(rounds) || rounds < 1) {
    console.log(usage)
    return args.includes('--help') ? 0 : 2
  }
  for (const one of cases()) console.log(`${one.what.padEnd(55)} ${measure(one, rounds).toFixed(1).padStart(10)} ns`)
  return kept > 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2))
