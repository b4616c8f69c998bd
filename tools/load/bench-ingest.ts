import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { regionStatus } from '../../infra/local/region.ts'
import { services } from '../../policies/services.ts'
import { RegionClient } from '../region/client.ts'
import { entry, places, UsageError } from '../region/context.ts'
import { command } from '../region/run.ts'
import { caller } from '../test/tenant.ts'
import { cpuSeconds, type Usage } from './cpu.ts'
import { sendFile } from './send.ts'

const usage = `usage: npm run bench:ingest -- [--events N] [--batch N] [--concurrency N] [--file FILE]

Sends events to the running region as fast as it takes them (closed loop: each connection waits for its acknowledgement), waits until all
stand in the hot tier, and prints one JSON line last: events per second until the last acknowledgement and until the last event can be
queried, CPU seconds per 100,000 events by part, and what the generator itself cost. Three runs; the best is reported, all are listed.`

interface Run {
  readonly acknowledgedPerSecond: number
  readonly storedPerSecond: number
  readonly retries: number
  readonly cpuSecondsPer100k: Record<string, number>
  readonly generatorCpuSecondsPer100k: number
}

export const main = (args: string[]): Promise<number> =>
  command(async (signal) => {
    const { values } = parseArgs({
      args,
      options: {
        events: { type: 'string', default: '100000' },
        batch: { type: 'string', default: '1000' },
        concurrency: { type: 'string', default: '4' },
        file: { type: 'string', default: new URL('./sample/windows-host-events.ndjson.gz', import.meta.url).pathname },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const [events, batch, concurrency] = [values.events, values.batch, values.concurrency].map(Number) as [
      number,
      number,
      number,
    ]
    if (![events, batch, concurrency].every((n) => Number.isInteger(n) && n > 0))
      throw new UsageError('--events, --batch and --concurrency take whole numbers from 1.')
    const where = places()
    const root = regionStatus(where.region, where.stateRoot).initPid
    if (!root) throw new UsageError(`The region '${where.region}' does not run. Bring it up with: make up`)
    const { ca, token, nodeAddress } = entry(where, 'globex')
    const url = `https://${nodeAddress}:${services['event-collector'].nodePort}`
    const tenant = caller(where, 'globex')
    const client = new RegionClient({ url, ca, token, maxSockets: concurrency })
    const runs: Run[] = []
    try {
      for (let n = 0; n < 3; n++) {
        signal.throwIfAborted()
        runs.push(await once({ n, events, batch, concurrency, file: values.file, client, tenant, root, signal }))
        console.error(`run ${n + 1}: ${JSON.stringify(runs.at(-1))}`)
      }
    } finally {
      client.close()
      tenant.close()
    }
    const best = runs.reduce((a, b) => (b.storedPerSecond > a.storedPerSecond ? b : a))
    const cpu = /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown'
    console.log(
      JSON.stringify({
        bench: 'ingest',
        offered: 'closed loop',
        events,
        batch,
        concurrency,
        ...best,
        runs: runs.map((r) => Math.round(r.storedPerSecond)),
        machine: { cores: cpus().length, cpu },
        node: process.version,
      }),
    )
    return 0
  })

interface Setting {
  readonly n: number
  readonly events: number
  readonly batch: number
  readonly concurrency: number
  readonly file: string
  readonly client: RegionClient
  readonly tenant: ReturnType<typeof caller>
  readonly root: number
  readonly signal: AbortSignal
}

async function once(s: Setting): Promise<Run> {
  const { events: before } = await s.tenant.counts()
  const start = performance.now()
  const own = process.cpuUsage()
  const usage0 = cpuSeconds(s.root)
  let acknowledged = 0
  let retries = 0
  for (let pass = 0; acknowledged < s.events; pass++) {
    const sent = await sendFile({
      file: s.file,
      idPrefix: `bench-${Date.now().toString(36)}-${s.n}-${pass}`,
      client: s.client,
      batch: s.batch,
      concurrency: s.concurrency,
      signal: s.signal,
    })
    acknowledged += sent.acknowledged
    retries += sent.retries
  }
  const acknowledgedAt = performance.now()
  const { user, system } = process.cpuUsage(own)
  await s.tenant.arrived(before + acknowledged)
  const storedAt = performance.now()
  const per100k = (seconds: number) => Number(((seconds * 100_000) / acknowledged).toFixed(3))
  const usage1: Usage = cpuSeconds(s.root)
  return {
    acknowledgedPerSecond: Math.round((acknowledged * 1_000) / (acknowledgedAt - start)),
    storedPerSecond: Math.round((acknowledged * 1_000) / (storedAt - start)),
    retries,
    cpuSecondsPer100k: Object.fromEntries(
      Object.entries(usage1).map(([part, seconds]) => [part, per100k(seconds - (usage0[part] ?? 0))]),
    ),
    generatorCpuSecondsPer100k: per100k((user + system) / 1e6),
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
