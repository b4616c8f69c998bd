import { cpus } from 'node:os'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { ClickHouseClient } from '@clickhouse/client'
import { environments } from '../../../policies/environments.ts'
import { bytes, milliseconds } from '../../../policies/model/units.ts'
import { storage } from '../../../policies/storage.ts'
import { MemoryBus } from '../../../services/common/bus/memory.ts'
import { columns } from '../../../services/common/hot-tier/schema.ts'
import { silentLog } from '../../../services/common/log/log.ts'
import { createMetrics } from '../../../services/common/metrics/metrics.ts'
import { connectHotTier } from '../../../services/siem/hot-sink/connect.ts'
import { type EventRecord, readRecord } from '../../../services/siem/hot-sink/record.ts'
import { blockRows, columnOrder, eventContent } from '../../../services/siem/hot-sink/rows.ts'
import { Sink } from '../../../services/siem/hot-sink/sink.ts'
import { type LocalEngine, startEngine } from '../../../services/siem/hot-sink/testing/engine.ts'
import { type Feed, feed, realEvents } from './feed.ts'

const usage = `usage: npm run bench:sink -- [--rate N] [--seconds N] [--tenants N] [--per-record N]

The hot sink and the local region's ClickHouse, without Kafka and collector: records come at the rate for so long (a bus in memory, as many partitions as the
local environment has), and all must be stored. Real events shortened to 400 B at the rate, and whole ones (2.3 KB) at a sixth of it. Prints
one JSON line last: CPU µs an event of sink and engine, merges of three more seconds included, and blocks a second. The peer is the same
engine with the same rows, encoded before it begins, in one table without index, 50,000 a block.`

const topic = 'events.raw'
const { partitions } = environments.local.kafka
const us = (seconds: number, events: number): number => Number(((seconds * 1e6) / events).toFixed(2))
const ownCpu = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
const mergesMs = 3_000

async function numberOf(client: ClickHouseClient, query: string): Promise<number> {
  const [row] = await (await client.query({ query, format: 'JSONEachRow' })).json<{ n: string }>()
  return Number(row?.n)
}

/** Feeds the sink at the rate, waits until all is stored, and says what it cost. */
async function ours({ client, cpu }: LocalEngine, records: readonly Feed[], count: number, seconds: number) {
  const bus = new MemoryBus(partitions)
  const consumer = bus.consumer('hot-sink', topic)
  const metrics = createMetrics({ process: false })
  const maxBytes = bytes(storage.block.maxBytes)
  const sink = new Sink({
    topic,
    consumer,
    producer: bus.producer(),
    hotTier: connectHotTier({
      client: () => client,
      url: new URL('https://127.0.0.1'),
      cluster: undefined,
      region: 'local',
      hot: storage.hot,
      quorumTimeoutMs: 10_000,
    }),
    content: eventContent,
    limits: {
      maxRows: storage.block.maxRows,
      maxBytes,
      maxDelayMs: milliseconds(storage.block.maxDelay),
      partitionBy: storage.hot.partitionBy,
      maxRecordBytes: 16 * 2 ** 20,
    },
    room: { partition: 2 * maxBytes, total: 5 * maxBytes },
    concurrency: 4,
    lagMaxAgeMs: 5_000,
    metrics,
    log: silentLog,
  })
  await sink.start()
  const before = await numberOf(client, 'SELECT count() AS n FROM siem.events')
  const [own, engine, start] = [ownCpu(), cpu(), performance.now()]
  let sent = 0
  while (sent < records.length) {
    const due = Math.min(records.length, Math.ceil((records.length * (performance.now() - start)) / (seconds * 1_000)))
    for (; sent < due; sent++) bus.append({ topic, key: null, ...records[sent]! })
    await consumer.poll()
    await delay(20)
  }
  for (;;) {
    await consumer.poll()
    const ends = await consumer.endOffsets()
    const commits = await consumer.committed([...ends.keys()])
    if ([...ends].every(([partition, end]) => end === 0n || commits.get(partition)?.offset === end)) break
    await delay(20)
  }
  const wall = (performance.now() - start) / 1_000
  const sinkCpu = ownCpu() - own
  await delay(mergesMs)
  const engineCpu = cpu() - engine
  const stored = (await numberOf(client, 'SELECT count() AS n FROM siem.events')) - before
  if (stored !== count) throw new Error(`${stored} of ${count} events are stored.`)
  const blocks = Number(/^nd_blocks_total\{result="stored"\} (\d+)/m.exec(await metrics.text())?.[1])
  await sink.stop(1_000)
  return {
    sinkUs: us(sinkCpu, count),
    engineUs: us(engineCpu, count),
    us: us(sinkCpu + engineCpu, count),
    eventsPerSecond: Math.round(count / wall),
    blocksPerSecond: Number((blocks / wall).toFixed(1)),
    rowsPerBlock: Math.round(count / blocks),
  }
}

/** The bare engine with the same rows. */
async function theirs({ client, cpu }: LocalEngine, records: readonly Feed[], count: number) {
  const fields = columnOrder.map((name) => `${name} ${columns[name]}${name === 'raw' ? ' CODEC(ZSTD(1))' : ''}`)
  await client.command({
    query: `CREATE TABLE siem.bare (${fields.join(', ')}) ENGINE = MergeTree ORDER BY (tenant, time) SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
  })
  const blocks: Buffer[] = []
  let kept: { record: EventRecord; keep: 'all' }[] = []
  let rows = 0
  const cut = async () => {
    if (rows > 0) blocks.push(await blockRows(kept))
    kept = []
    rows = 0
  }
  for (const { value } of records) {
    const record = readRecord({ offset: 0n, key: null, value, timestamp: 0 }, 16 * 2 ** 20, 0) as EventRecord
    kept.push({ record, keep: 'all' })
    rows += record.lines.length
    if (rows >= 50_000 || rows * (record.bytes.length / record.lines.length) >= 32 * 2 ** 20) await cut()
  }
  await cut()
  const before = cpu()
  for (const block of blocks) {
    const { stream } = await client.exec({
      query: 'INSERT INTO siem.bare FORMAT Native',
      values: Readable.from([block], { objectMode: false }),
      clickhouse_settings: { wait_end_of_query: 1 },
    })
    for await (const _ of stream);
  }
  await delay(mergesMs)
  return { engineUs: us(cpu() - before, count), rowsPerBlock: Math.round(count / blocks.length) }
}

async function measure(
  size: 'short' | 'whole',
  rate: number,
  o: Readonly<Record<'seconds' | 'tenants' | 'perRecord', number>>,
) {
  const count = rate * o.seconds
  const events = realEvents(size)
  const mean = Math.round(events.reduce((sum, { length }) => sum + length, 0) / events.length)
  const records = feed({ ...o, events, count, partitions, run: size })
  const engine = await startEngine(new URL('../../../infra/local/clickhouse/main.ts', import.meta.url))
  try {
    const result = { bytes: mean, rate, events: count, ...(await ours(engine, records, count, o.seconds)) }
    const all = { ...result, peer: await theirs(engine, records, count) }
    console.error(JSON.stringify(all))
    return all
  } finally {
    await engine.stop()
  }
}

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      rate: { type: 'string', default: '50000' },
      seconds: { type: 'string', default: '10' },
      tenants: { type: 'string', default: '64' },
      'per-record': { type: 'string', default: '500' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const [rate, seconds, tenants, perRecord] = [values.rate, values.seconds, values.tenants, values['per-record']].map(
    Number,
  ) as [number, number, number, number]
  if (values.help || ![rate, seconds, tenants, perRecord].every((n) => Number.isInteger(n) && n > 0)) {
    console.log(usage)
    return values.help ? 0 : 2
  }
  const options = { seconds, tenants, perRecord }
  const short = await measure('short', rate, options)
  const whole = await measure('whole', Math.ceil(rate / 6), options)
  console.log(
    JSON.stringify({
      bench: 'sink',
      short,
      whole,
      machine: { cores: cpus().length, cpu: cpus()[0]?.model },
      node: process.version,
    }),
  )
  return 0
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
