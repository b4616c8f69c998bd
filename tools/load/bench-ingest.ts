import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { regionStatus } from '../../infra/local/region.ts'
import { services } from '../../policies/services.ts'
import { ensure } from '../engine/ensure.ts'
import { RegionClient, untilFinal } from '../region/client.ts'
import { entry, places, UsageError } from '../region/context.ts'
import { numberOption } from '../region/number-option.ts'
import { command } from '../region/run.ts'
import { caller } from '../test/tenant.ts'
import { type ClickHouse, openClickHouse } from './clickhouse.ts'
import { bodiesOf, closedLoop } from './closed-loop.ts'
import { readCpu, usedBetween } from './cpu.ts'
import { peerSettings, peerTable } from './peer.ts'

const usage = `usage: npm run bench:ingest -- [--events N] [--batch N] [--concurrency N] [--runs N] [--file FILE]

Sends events to the running region as fast as it takes them (closed loop: each connection waits for its acknowledgement), waits until all
stand in the hot tier, and prints one JSON line last: events per second until the last acknowledgement and until the last event can be
queried, CPU seconds per 100,000 events by part, and what the generator itself cost. The peer is the region's own engine, filled directly
(tools/load/peer.ts). The best of the runs is reported, all are listed.`

interface Setting {
  readonly name: string
  readonly events: number
  readonly batch: number
  readonly concurrency: number
  readonly file: string
  readonly root: number
  readonly signal: AbortSignal
}

const per100k = (seconds: number, events: number): number => Number(((seconds * 100_000) / events).toFixed(3))

/** One run: `send` acknowledges a body, `stored` resolves when so many events can be queried. */
async function measure(
  s: Setting,
  send: (body: Buffer, n: number) => Promise<void>,
  stored: (events: number) => Promise<unknown>,
) {
  const bodies = await bodiesOf(s.file, s.events, s.batch)
  const before = readCpu(s.root)
  const start = performance.now()
  const loop = await closedLoop({ bodies, eventsPerBody: s.batch, concurrency: s.concurrency, signal: s.signal, send })
  await stored(loop.events)
  const seconds = (performance.now() - start) / 1_000
  const parts = Object.entries(usedBetween(before, readCpu(s.root))).map(
    ([part, used]) => [part, per100k(used, loop.events)] as const,
  )
  const result = {
    acknowledgedPerSecond: Math.round(loop.events / loop.seconds),
    storedPerSecond: Math.round(loop.events / seconds),
    requestMs: { p50: loop.p50, p99: loop.p99 },
    cpuSecondsPer100k: {
      total: Number(parts.reduce((sum, [, used]) => sum + used, 0).toFixed(3)),
      ...Object.fromEntries(parts.filter(([, used]) => used > 0.01)),
    },
    generatorCpuSecondsPer100k: per100k(loop.ownCpu, loop.events),
  }
  console.error(`${s.name}: ${JSON.stringify(result)}`)
  return { ...result, bytes: bodies.reduce((sum, body) => sum + body.length, 0) }
}

type Result = Awaited<ReturnType<typeof measure>>
const best = <T extends Result>(runs: readonly T[]): T =>
  runs.reduce((a, b) => (b.storedPerSecond > a.storedPerSecond ? b : a))

async function ours(where: ReturnType<typeof places>, setting: Setting, runs: number): Promise<Result[]> {
  const { ca, token, nodeAddress } = entry(where, 'globex')
  const url = `https://${nodeAddress}:${services['event-collector'].nodePort}`
  const tenant = caller(where, 'globex')
  const client = new RegionClient({ url, ca, token, maxSockets: setting.concurrency })
  const results: Result[] = []
  try {
    for (let run = 1; run <= runs; run++) {
      const { events: before } = await tenant.counts()
      const prefix = `bench-${Date.now().toString(36)}`
      const send = async (body: Buffer, n: number): Promise<void> => {
        const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': `${prefix}-${n}` }
        const reply = await untilFinal(() => client.call('POST', '/v1/events', body, headers), {
          deadlineMs: 60_000,
          signal: setting.signal,
        })
        if (reply.status !== 200) throw new Error(`The collector answered ${reply.status}: ${reply.body}`)
      }
      results.push(await measure({ ...setting, name: `run ${run}` }, send, (events) => tenant.arrived(before + events)))
    }
  } finally {
    client.close()
    tenant.close()
  }
  return results
}

async function theirs(
  peer: ClickHouse,
  setting: Setting,
): Promise<readonly (Result & { readonly rowsPerInsert: number })[]> {
  const results = []
  for (const sql of peerTable.create) await peer.run(sql)
  for (const { rowsPerInsert } of peerSettings) {
    const named = { ...setting, name: `peer, ${rowsPerInsert} rows an insert`, batch: rowsPerInsert }
    const result = await measure(
      named,
      async (body) => {
        await peer.run(peerTable.insert, body)
      },
      async () => {},
    )
    results.push({ ...result, rowsPerInsert })
    await peer.run(peerTable.clear)
  }
  return results
}

const main = (args: string[]): Promise<number> =>
  command(async (signal) => {
    const { values } = parseArgs({
      args,
      options: {
        events: { type: 'string', default: '100000' },
        batch: { type: 'string', default: '1000' },
        concurrency: { type: 'string', default: '4' },
        runs: { type: 'string', default: '3' },
        file: { type: 'string', default: new URL('./sample/windows-host-events.ndjson.gz', import.meta.url).pathname },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const { file } = values
    const count = (name: 'events' | 'batch' | 'concurrency' | 'runs') =>
      numberOption(name, values[name], { least: 1, whole: true })
    const [events, batch, concurrency, runs] = [count('events'), count('batch'), count('concurrency'), count('runs')]
    const where = places()
    const root = regionStatus(where.region, where.stateRoot).initPid
    if (!root) throw new UsageError(`The region '${where.region}' does not run. Bring it up with: make up`)
    const setting = { name: '', events, batch, concurrency, file, root, signal }
    const results = await ours(where, setting, runs)
    const toolchain = await ensure(['kubernetes'], { cacheRoot: where.cacheRoot, signal })
    const peer = await openClickHouse(toolchain.bin('kubectl'), where.state, {
      maxSockets: concurrency,
      timeoutMs: 60_000,
    })
    const others = await theirs(peer, setting).finally(() => peer.close())
    const cpu = /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown'
    console.log(
      JSON.stringify({
        bench: 'ingest',
        offered: `closed loop, ${concurrency} connections`,
        events,
        batch,
        ...best(results),
        runs: results.map(({ storedPerSecond }) => storedPerSecond),
        peer: { what: 'lines straight into the same engine', ...best(others) },
        machine: { cores: cpus().length, cpu },
        node: process.version,
      }),
    )
    return 0
  })

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
