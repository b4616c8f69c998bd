import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Reading, readCpu, usedBetween } from '../cpu.ts'
import type { Acknowledged } from '../open-loop/sender.ts'
import type { AlertReader, AlertVerdict } from './alerts.ts'
import { type StoredVerdict, untilStored } from './stored.ts'

/** What the generator says of itself: the last line of `tools/load/generate.ts`. */
export interface Generated {
  readonly offered: number
  readonly achievedPerSecond: number
  readonly canaries: number
  readonly retries: number
  readonly rejected: number
  readonly bytesPerEvent: number
  readonly maxLagMs: number
  readonly acknowledgedMs: { readonly p50: number; readonly p99: number }
  readonly generatorCpuSeconds: number
}

export interface RungOptions {
  /** Events a second. */
  readonly rate: number
  readonly seconds: number
  readonly prefix: string
  /** More arguments of the generator. */
  readonly load: readonly string[]
  /** First process of the region, as this machine numbers it. */
  readonly root: number
  readonly alerts: AlertReader
  /** One statement to the hot tier. */
  readonly ask: (sql: string) => Promise<string>
  /** An event-to-alert P99 above this misses the rung, milliseconds. */
  readonly objectiveMs: number
  readonly signal: AbortSignal
  /** Called in the middle of the load. */
  readonly onMiddle?: () => Promise<void>
}

export interface RungResult {
  readonly rate: number
  readonly holds: boolean
  /** What misses, where it does not hold. */
  readonly because: readonly string[]
  readonly generated: Generated
  readonly alerts: AlertVerdict
  readonly stored: StoredVerdict
  /** CPU seconds per million events, from the first event until all stood in the hot tier. */
  readonly cpuSecondsPerMillion: Readonly<Record<string, number>>
}

const generator = new URL('../generate.ts', import.meta.url).pathname
/** So long without any progress means that nothing more comes. */
const quietMs = 20_000

async function outcome(child: ChildProcess): Promise<Generated> {
  let last = ''
  const lines = createInterface({ input: child.stdout! })
  lines.on('line', (line) => {
    last = line
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`The generator ended with ${code}: ${last}`)
  return JSON.parse(last) as Generated
}

async function readAcknowledged(file: string): Promise<readonly Acknowledged[]> {
  const all: Acknowledged[] = []
  for await (const line of createInterface({ input: createReadStream(file) }))
    all.push(JSON.parse(line) as Acknowledged)
  return all
}

/** What keeps a rung from holding. Pure. */
export function misses(
  rate: number,
  objectiveMs: number,
  { generated, alerts, stored }: Pick<RungResult, 'generated' | 'alerts' | 'stored'>,
): readonly string[] {
  const found: string[] = []
  if (generated.achievedPerSecond < 0.99 * rate)
    found.push(`${generated.achievedPerSecond} events/s were acknowledged of ${rate} offered`)
  if (!(alerts.ms.p99 < objectiveMs)) found.push(`event to alert P99 is ${alerts.ms.p99} ms, not below ${objectiveMs}`)
  if (alerts.expected === 0) found.push('no alert was expected, so none was measured')
  if (alerts.missing > 0) found.push(`${alerts.missing} alerts are missing`)
  if (alerts.doubled > 0) found.push(`${alerts.doubled} alerts came twice`)
  if (stored.lost > 0) found.push(`${stored.lost} acknowledged events are not stored`)
  if (stored.doubled > 0) found.push(`${stored.doubled} events are stored twice`)
  return found
}

/** One rate for some seconds, then the wait until everything has arrived, then the verdict. */
export async function rung(options: RungOptions): Promise<RungResult> {
  const { rate, seconds, prefix, load, root, alerts, ask, objectiveMs, signal, onMiddle } = options
  const dir = mkdtempSync(join(tmpdir(), 'nd-rung-'))
  try {
    const file = join(dir, 'acknowledged')
    const args = ['--rate', String(rate), '--seconds', String(seconds), '--prefix', prefix, '--acknowledged', file]
    const before = { region: readCpu(root), reader: process.cpuUsage() }
    // With the flags of this process: what holds the generator up would count as the region's latency.
    const child = spawn(process.execPath, [...process.execArgv, generator, ...args, ...load], {
      stdio: ['ignore', 'pipe', 'inherit'],
      signal,
    })
    const middle = onMiddle && new Promise((resolve) => setTimeout(resolve, (seconds * 1_000) / 3)).then(onMiddle)
    const generated = await outcome(child)
    await middle
    const acknowledged = await readAcknowledged(file)
    const expected = acknowledged.flatMap(({ tenant, batch, canaries }) =>
      canaries.map(({ line, due }) => ({ event: `${tenant}/${batch}/${line}`, due })),
    )
    const seen = await alerts.judge(expected, quietMs, signal)
    const stored = await untilStored(ask, { prefix, acknowledged, quietMs, signal })
    const because = misses(rate, objectiveMs, { generated, alerts: seen, stored })
    const used = perMillion(before, readCpu(root), generated)
    return { rate, holds: because.length === 0, because, generated, alerts: seen, stored, cpuSecondsPerMillion: used }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function perMillion(
  before: { readonly region: Reading; readonly reader: NodeJS.CpuUsage },
  after: Reading,
  { offered, generatorCpuSeconds }: Generated,
): Readonly<Record<string, number>> {
  const { user, system } = process.cpuUsage(before.reader)
  const parts = {
    ...usedBetween(before.region, after),
    generator: generatorCpuSeconds,
    'reader of alerts': (user + system) / 1e6,
  }
  const scaled = Object.entries(parts).map(
    ([part, used]) => [part, Number(((used * 1e6) / offered).toFixed(2))] as const,
  )
  const shown = scaled.filter(([, used]) => used >= 0.05).sort(([, a], [, b]) => b - a)
  return { total: Number(scaled.reduce((sum, [, used]) => sum + used, 0).toFixed(2)), ...Object.fromEntries(shown) }
}
