import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { services } from '../../policies/services.ts'
import { seeded } from '../../services/common/testing/random.ts'
import { RegionClient } from '../region/client.ts'
import { entry, type Places, places, UsageError } from '../region/context.ts'
import { numberOption } from '../region/number-option.ts'
import { command } from '../region/run.ts'
import { batches } from './batches.ts'
import { run } from './open-loop/run.ts'
import { Sender } from './open-loop/sender.ts'
import { bursts, constant, diurnal, readTrace, type Shape, trace } from './open-loop/shape.ts'
import { EventStream } from './open-loop/stream.ts'
import { type Template, template } from './open-loop/template.ts'
import { zipfWeights } from './open-loop/weighted.ts'

/** The events that the project carries. */
export const sample = new URL('./sample/windows-host-events.ndjson.gz', import.meta.url).pathname

/** Events that the carried rules report, one rule each. */
export const canarySample = new URL('./sample/canaries.ndjson', import.meta.url).pathname

const usage = `usage: npm run load -- [OPTION...]

Sends events to the running region in an open loop: when each event is due does not depend on how fast the region answers, and a latency
counts from there. Prints one JSON line last.

  --rate N            events per second at the shape's height (10000)
  --seconds N         how long (60)
  --shape NAME        constant | bursts | diurnal | trace (constant)
  --every S --for S --factor F     bursts: every S seconds, for S seconds, F times the rate (30, 5, 3)
  --day S --trough F               diurnal: a day in S seconds, lowest at F of the rate (60, 0.2)
  --trace FILE --step S            trace: a CSV whose last column is the load of a step of S seconds (1)
  --tenants A,B,…     who sends; the first most (acme,globex). New ones: nd tenants --add A,B
  --zipf S            exponent of Zipf's law over the tenants (1)
  --batch N --flush MS             a request carries at most N events, or what came in MS milliseconds (500, 30)
  --file FILE         real events to make templates of (the sample); --full: with everything, not only what shippers send
  --canaries FILE     events that are canaries, one in --canary-every N (those of tools/load/sample/canaries.ndjson, 1000); 0: none
  --seed N            the same events for the same seed (1)
  --acknowledged FILE writes what was acknowledged there, a line of JSON a batch, canaries named
  --prefix TEXT       the batch ids' beginning (load-<time>)`

const options = {
  rate: { type: 'string', default: '10000' },
  seconds: { type: 'string', default: '60' },
  shape: { type: 'string', default: 'constant' },
  every: { type: 'string', default: '30' },
  for: { type: 'string', default: '5' },
  factor: { type: 'string', default: '3' },
  day: { type: 'string', default: '60' },
  trough: { type: 'string', default: '0.2' },
  trace: { type: 'string' },
  step: { type: 'string', default: '1' },
  tenants: { type: 'string', default: 'acme,globex' },
  zipf: { type: 'string', default: '1' },
  batch: { type: 'string', default: '500' },
  flush: { type: 'string', default: '30' },
  file: { type: 'string', default: sample },
  full: { type: 'boolean', default: false },
  canaries: { type: 'string', default: canarySample },
  'canary-every': { type: 'string', default: '1000' },
  seed: { type: 'string', default: '1' },
  acknowledged: { type: 'string' },
  prefix: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

const number = (values: Values, name: keyof Values, least: number): number =>
  numberOption(name, `${values[name]}`, { least })

function shapeOf(values: Values): Shape {
  switch (values.shape) {
    case 'constant':
      return constant
    case 'bursts':
      return bursts(number(values, 'every', 0), number(values, 'for', 0), number(values, 'factor', 0))
    case 'diurnal':
      return diurnal(number(values, 'day', 1), number(values, 'trough', 0))
    case 'trace':
      if (values.trace === undefined) throw new UsageError('--shape trace needs --trace FILE.')
      return trace(readTrace(readFileSync(values.trace, 'utf8')), number(values, 'step', 0.001))
    default:
      throw new UsageError(`--shape ${values.shape}: constant, bursts, diurnal or trace.`)
  }
}

/** At most so many templates of a kind, so that one talkative kind does not make the whole load. */
const mostOfKind = 4

/** Templates of a file's events. */
export async function readTemplates(
  file: string,
  options: { readonly lean: boolean; readonly canary: boolean },
): Promise<Template[]> {
  const kinds = new Map<string, number>()
  const found: Template[] = []
  for await (const { body } of batches(file, { size: 1, maxBytes: Number.MAX_SAFE_INTEGER, idPrefix: '' })) {
    const made = template(JSON.parse(body.toString('utf8')) as Record<string, unknown>, options)
    const count = (kinds.get(made.kind) ?? 0) + 1
    kinds.set(made.kind, count)
    if (count <= mostOfKind) found.push(made)
  }
  return found
}

function clientsOf(where: Places, names: readonly string[]) {
  return names.map((name) => {
    const { ca, token, nodeAddress } = entry(where, name)
    const url = `https://${nodeAddress}:${services['event-collector'].nodePort}`
    return { name, client: new RegionClient({ url, ca, token, maxSockets: 4 }) }
  })
}

const percentile = (histogram: { percentile(p: number): number; count: number }, p: number): number | null =>
  histogram.count === 0 ? null : Math.round(histogram.percentile(p) / 100) / 10

const main = (args: string[]): Promise<number> =>
  command(async (signal) => {
    const { values } = parseArgs({ args, options })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const names = values.tenants.split(',')
    const lean = !values.full
    const canaryEvery = number(values, 'canary-every', 0)
    const seed = number(values, 'seed', 0)
    const rate = number(values, 'rate', 1)
    const seconds = number(values, 'seconds', 0.1)
    const stream = new EventStream({
      background: await readTemplates(values.file, { lean, canary: false }),
      canaries: await readTemplates(values.canaries, { lean, canary: true }),
      canaryEvery,
      weights: zipfWeights(names.length, number(values, 'zipf', 0)),
      hostsPerTenant: 1_000,
      batch: { events: number(values, 'batch', 1), milliseconds: number(values, 'flush', 0) },
      random: seeded(seed),
    })
    const tenants = clientsOf(places(), names)
    const { acknowledged } = values
    const lines: string[] = []
    if (acknowledged !== undefined) writeFileSync(acknowledged, '')
    const flush = () => {
      if (acknowledged !== undefined && lines.length > 0) appendFileSync(acknowledged, `${lines.join('\n')}\n`)
      lines.length = 0
    }
    const idPrefix = values.prefix ?? `load-${Date.now().toString(36)}`
    const sender = new Sender(
      {
        tenants,
        idPrefix,
        maxInFlight: 64,
        deadlineMs: 60_000,
        signal,
        onAcknowledged: (batch) => lines.push(JSON.stringify(batch)),
      },
      stream,
    )
    const cpu = process.cpuUsage()
    try {
      const shape = shapeOf(values)
      const result = await run({
        rate,
        seconds,
        shape,
        stream,
        sender,
        signal,
        onProgress: (at) => {
          flush()
          console.error(`${at.toFixed(0)} s: ${sender.done.events} acknowledged, ${sender.backlog} batches wait`)
        },
      })
      const { user, system } = process.cpuUsage(cpu)
      console.log(
        JSON.stringify({
          ...result,
          acknowledged: sender.done.events,
          achievedPerSecond: Math.round(sender.done.events / Math.max(seconds, result.untilLast)),
          ...sender.done,
          canaries: stream.canaries,
          bytesPerEvent: Math.round(sender.done.bytes / Math.max(1, sender.done.events)),
          acknowledgedMs: { p50: percentile(sender.latency, 50), p99: percentile(sender.latency, 99) },
          generatorCpuSeconds: (user + system) / 1e6,
          idPrefix,
        }),
      )
      return sender.done.rejected > 0 ? 1 : 0
    } finally {
      flush()
      for (const { client } of tenants) client.close()
    }
  })

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
