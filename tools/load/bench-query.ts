import { readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { objectives } from '../../policies/objectives.ts'
import { storage } from '../../policies/storage.ts'
import { alertsTable, createAlertStatements } from '../../services/common/hot-tier/alerts.ts'
import { createStatements, eventsTable } from '../../services/common/hot-tier/schema.ts'
import { seeded } from '../../services/common/testing/random.ts'
import { Cursors } from '../../services/siem/analytics/cursor.ts'
import { parseQuestion } from '../../services/siem/analytics/question.ts'
import { parseSearch, searchStatement } from '../../services/siem/analytics/search.ts'
import { type Statement, statementFor } from '../../services/siem/analytics/statement.ts'
import { RegionClient } from '../region/client.ts'
import { command } from '../region/run.ts'
import { alertsStatement, type FillOptions, fillStatement } from './query/fill.ts'
import { type Latency, openLoop } from './query/open-loop.ts'
import { type Asked, anyQuestion } from './query/questions.ts'
import { openStand, type Stand } from './query/stand.ts'

const usage = `usage: npm run bench:query -- [--rows N] [--rate N] [--seconds N] [--tenants N] [--data DIR]

Starts an engine of its own (infra/local/clickhouse, as a region does), Redis and the analytics service, each a process, over TLS on loopback. Fills the
table with generated events inside the engine, then asks mixed questions of several tenants in an open loop: first each question new to every cache,
then out of a set that the caches know, then the peer: the same SQL at the bare engine over HTTPS. One JSON line last. --data keeps the
filled table for the next run.`

const hours = 48
const knownQuestions = 60
/** As the sink inserts: how many parts there are, and how many of them merges have not met yet, follows from it. */
const rowsPerInsert = storage.block.maxRows

/** The statement that the service makes of a question. */
function statementOf({ path, body, tenant }: Asked): Statement {
  if (path === '/v1/query') return statementFor(parseQuestion(body, tenant, objectives.query.maxRows), tenant)
  return searchStatement(parseSearch(body, tenant, objectives.query.maxPage, new Cursors('bench')), tenant)
}

async function fill(
  { sink }: Stand,
  options: FillOptions,
  signal: AbortSignal,
): Promise<{ filled: number; seconds: number }> {
  const start = performance.now()
  for (const query of [...createStatements(), ...createAlertStatements()]) await sink.command({ query })
  const counted = await sink.query({ query: `SELECT count() AS n FROM ${eventsTable}`, format: 'JSONEachRow' })
  const [{ n }] = (await counted.json()) as [{ n: string }]
  for (let first = Number(n); first < options.rows; first += rowsPerInsert) {
    signal.throwIfAborted()
    const count = Math.min(rowsPerInsert, options.rows - first)
    await sink.command({ query: fillStatement(options, eventsTable, first, count) })
    if (first % 2_000_000 === 0) console.error(`filled ${first + count} of ${options.rows} rows`)
  }
  if (Number(n) === 0) await sink.command({ query: alertsStatement(options, alertsTable, 20_000) })
  // Merges go on by themselves; they are waited for, so that questions are measured and not they.
  for (const end = Date.now() + 120_000; Date.now() < end; await delay(1_000, undefined, { signal })) {
    const merging = await sink.query({ query: 'SELECT count() AS n FROM system.merges', format: 'JSONEachRow' })
    if (((await merging.json()) as [{ n: string }])[0].n === '0') break
  }
  return { filled: options.rows - Number(n), seconds: Math.round((performance.now() - start) / 1_000) }
}

interface Phase extends Latency {
  readonly name: string
  /** CPU seconds per 1,000 requests, by part; the generator's own too. */
  readonly cpuSecondsPer1000: Readonly<Record<string, number>>
  readonly cached?: Readonly<Record<string, number>>
}

async function measured(
  name: string,
  stand: Stand,
  run: () => Promise<Latency>,
  cached?: Map<string, number>,
): Promise<Phase> {
  const before = stand.cpu()
  const own = process.cpuUsage()
  const latency = await run()
  const after = stand.cpu()
  const { user, system } = process.cpuUsage(own)
  const each = (seconds: number): number => Number(((seconds * 1_000) / latency.requests).toFixed(2))
  const phase: Phase = {
    name,
    ...latency,
    cpuSecondsPer1000: {
      ...Object.fromEntries(
        Object.entries(after).map(([part, seconds]) => [part, each(seconds - (before[part] ?? 0))]),
      ),
      generator: each((user + system) / 1e6),
    },
    ...(cached ? { cached: Object.fromEntries(cached) } : {}),
  }
  console.error(JSON.stringify(phase))
  return phase
}

/** Sends to the service; resolves with the question's kind. */
function sender(stand: Stand, tenants: readonly string[], cached: Map<string, number>) {
  const clients = new Map(
    tenants.map((tenant) => [tenant, new RegionClient({ url: stand.url, ca: stand.ca, token: stand.token(tenant) })]),
  )
  return {
    send: async ({ tenant, path, body, kind }: Asked): Promise<string> => {
      const headers = { 'content-type': 'application/json' }
      const reply = await clients.get(tenant)!.call('POST', path, JSON.stringify(body), headers)
      if (reply.status !== 200) throw new Error(`${kind}: ${reply.status} ${reply.body.slice(0, 200)}`)
      const level = /"cached":"(\w+)"/.exec(reply.body)?.[1] ?? 'unknown'
      cached.set(level, (cached.get(level) ?? 0) + 1)
      return kind
    },
    close: () => {
      for (const client of clients.values()) client.close()
    },
  }
}

const main = (args: string[]): Promise<number> =>
  command(async (signal) => {
    const { values } = parseArgs({
      args,
      options: {
        rows: { type: 'string', default: '10000000' },
        rate: { type: 'string', default: '50' },
        seconds: { type: 'string', default: '30' },
        tenants: { type: 'string', default: '20' },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const [rows, rate, seconds, count] = [values.rows, values.rate, values.seconds, values.tenants].map(Number) as [
      number,
      number,
      number,
      number,
    ]
    const tenants = Array.from({ length: count }, (_, i) => `tenant-${i}`)
    // A fixed end, so that a kept table is the same the next time.
    const to = Date.UTC(2026, 0, 15, 12, 17, 3)
    const options: FillOptions = { rows, tenants: count, from: to - hours * 3_600_000, to }
    const data = values.data ?? join(tmpdir(), `nd-bench-query-data-${process.pid}`)
    const stand = await openStand(data, tenants, signal)
    try {
      const filled = await fill(stand, options, signal)
      console.error(`filled ${filled.filled} rows in ${filled.seconds} s`)
      const phases: Phase[] = []
      const levels = new Map<string, number>()
      const service = sender(stand, tenants, levels)
      const place = { tenants: count, from: options.from, to }
      const phase = async (name: string, question: (n: number) => Asked, length = seconds): Promise<void> => {
        levels.clear()
        const send = (n: number) => service.send(question(n))
        phases.push(
          await measured(name, stand, () => openLoop({ perSecond: rate, seconds: length, signal, send }), levels),
        )
      }
      let asked = 0
      const random = seeded(1)
      const fresh = (): Asked => anyQuestion(random, place, ++asked)
      await phase('warm-up', fresh, 15)
      phases.length = 0
      await phase('uncached', fresh)
      const known = Array.from({ length: knownQuestions }, () => fresh())
      for (const question of known) await service.send(question)
      const pick = seeded(2)
      await phase('cached', () => known[Math.floor(pick() * known.length)]!)
      service.close()
      const again = seeded(1)
      let n = asked
      const bare = async (): Promise<string> => {
        const question = anyQuestion(again, place, ++n)
        const { sql, params } = statementOf(question)
        const result = await stand.reader.query({
          query: sql,
          query_params: { ...params },
          use_multipart_params: true,
          format: 'JSONCompact',
        })
        await result.json()
        return question.kind
      }
      phases.push(
        await measured('peer: the bare engine, the same SQL', stand, () =>
          openLoop({ perSecond: rate, seconds, signal, send: bare }),
        ),
      )
      const cpu = /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown'
      console.log(
        JSON.stringify({
          bench: 'query',
          offered: `open loop, ${rate}/s, from the scheduled start`,
          rows,
          tenants: count,
          filled: { ...filled, how: 'INSERT … SELECT inside the engine' },
          phases,
          machine: { cores: cpus().length, cpu },
          node: process.version,
        }),
      )
      return 0
    } finally {
      await stand.close()
      if (values.data === undefined) rmSync(data, { recursive: true, force: true })
    }
  })

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
