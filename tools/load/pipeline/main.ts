import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { regionStatus } from '../../../infra/local/region.ts'
import { environments } from '../../../policies/environments.ts'
import { milliseconds } from '../../../policies/model/units.ts'
import { objectives } from '../../../policies/objectives.ts'
import type { TopicName } from '../../../policies/storage.ts'
import { freePort } from '../../../services/common/testing/processes.ts'
import { seeded } from '../../../services/common/testing/random.ts'
import { ensure } from '../../engine/ensure.ts'
import { places, UsageError } from '../../region/context.ts'
import { numberOption } from '../../region/number-option.ts'
import { command } from '../../region/run.ts'
import { Steps } from '../../region/steps.ts'
import { ensureTenants } from '../../region/tenants.ts'
import { openClickHouse } from '../clickhouse.ts'
import { readCpu } from '../cpu.ts'
import { readTemplates, sample } from '../generate.ts'
import { EventStream } from '../open-loop/stream.ts'
import { certificateOf } from '../pods.ts'
import { rsyslogPeer } from '../rsyslog/peer.ts'
import { AlertReader } from './alerts.ts'
import { flameGraph } from './flame.ts'
import { inFront } from './in-front.ts'
import { regionKafka } from './kafka.ts'
import { profileProcess } from './profile.ts'
import { type RungResult, rung } from './rung.ts'

const usage = `usage: npm run bench:pipeline -- [OPTION...]

Climbs a ladder of event rates against the running region (make up): collector → Kafka → correlation engine → topic of alerts, and → hot tier. The load is an
open loop (npm run load); a latency counts from when an event was due until its alert has been read. A rung holds when the P99 of that is within the
objective, everything offered was acknowledged, everything acknowledged is stored once, and every canary's alert came once. One JSON line last.

  --rates A,B,…    events per second (25000,50000,75000,100000,125000); after the first rung that does not hold one more is tried
  --seconds N      of a rung (60)
  --tenants N      tenants load-01 … load-N, by Zipf's law; they are made if they are missing (8)
  --out DIR        where the flame graph goes (none)
  --no-peer        without rsyslog
  ARG…             after '--': more arguments of the generator`

const alertsTopic: TopicName = 'alerts'

const peerEvents = 500_000
const warmSeconds = 120
const profileSeconds = 25

/** The same events as the generator's, as lines. */
async function peerLines(events: number): Promise<readonly Buffer[]> {
  const stream = new EventStream({
    background: await readTemplates(sample, { lean: true, canary: false }),
    canaries: [],
    canaryEvery: 0,
    weights: [1],
    hostsPerTenant: 1_000,
    batch: { events: 500, milliseconds: 0 },
    random: seeded(1),
  })
  const lines: Buffer[] = []
  for (let i = 0; i < events; i++) {
    const done = stream.add(Date.now())
    if (done) lines.push(done.body.subarray(0, done.length))
  }
  return lines
}

/** Parts of the region that are Node processes of ours, which can be profiled. */
const ours = new Set(['event-collector', 'correlation-engine', 'hot-sink'])

async function profileLargest(root: number, out: string, signal: AbortSignal): Promise<string | undefined> {
  const before = readCpu(root)
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  const used = [...readCpu(root)]
    .filter(([, { part }]) => ours.has(part))
    .map(([pid, { part, seconds }]) => ({ pid, part, used: seconds - (before.get(pid)?.seconds ?? 0) }))
    .sort((a, b) => b.used - a.used)
  const [largest] = used
  if (!largest) return undefined
  const profile = await profileProcess(largest.pid, 8, signal)
  mkdirSync(out, { recursive: true })
  const file = join(out, `${largest.part}.svg`)
  writeFileSync(file, flameGraph(profile, largest.part))
  writeFileSync(join(out, `${largest.part}.cpuprofile`), JSON.stringify(profile))
  return file
}

function rates(text: string): readonly number[] {
  const found = text.split(',').map(Number)
  if (found.some((rate) => !Number.isFinite(rate) || rate < 1)) throw new UsageError(`--rates ${text}: numbers from 1.`)
  return found
}

const main = (args: string[]): Promise<number> =>
  command(async (signal) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        rates: { type: 'string', default: '25000,50000,75000,100000,125000' },
        seconds: { type: 'string', default: '60' },
        tenants: { type: 'string', default: '8' },
        out: { type: 'string' },
        'no-peer': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const ladder = rates(values.rates)
    const seconds = numberOption('seconds', values.seconds, { least: 5 })
    const tenants = numberOption('tenants', values.tenants, { least: 1, whole: true })
    const where = places()
    const root = regionStatus(where.region, where.stateRoot).initPid
    if (!root) throw new UsageError(`The region '${where.region}' does not run. Bring it up with: make up`)
    const names = Array.from({ length: tenants }, (_, i) => `load-${String(i + 1).padStart(2, '0')}`)
    await ensureTenants(where, names, { steps: new Steps({}), signal })
    const toolchain = await ensure(['kubernetes'], { cacheRoot: where.cacheRoot, signal })
    const kubectl = toolchain.bin('kubectl')
    await inFront()
    const { kafka, address, brokerName } = await regionKafka(kubectl, where.state)
    const hotTier = await openClickHouse(kubectl, where.state, { maxSockets: 1, timeoutMs: 120_000 })
    const alerts = await AlertReader.open(kafka, alertsTopic)
    const load = ['--tenants', names.join(','), ...positionals]
    const salt = Date.now().toString(36)
    const base = {
      seconds,
      load,
      root,
      alerts,
      ask: hotTier.run,
      signal,
      objectiveMs: milliseconds(objectives.ingest.latencyP99),
    }
    const rsyslog = async () => {
      const tools = await ensure(['rsyslog'], { cacheRoot: where.cacheRoot, signal })
      const options = {
        root: tools.path('rsyslog'),
        program: tools.bin('rsyslogd'),
        port: await freePort(),
        broker: address,
        brokerName,
        certificate: certificateOf(where.state, 'event-collector').files,
      }
      const lines = await peerLines(peerEvents)
      const { partitions } = environments.local.kafka
      return rsyslogPeer(kafka, options, { lines, events: peerEvents, partitions, regionPid: root, signal })
    }
    const results: RungResult[] = []
    let flame: string | undefined
    try {
      const { out } = values
      // Compilers of Node and Java go on for a while after a start; what they cost then is not what the pipeline costs.
      await rung({ ...base, rate: Math.min(...ladder), seconds: warmSeconds, prefix: `warm-${salt}` })
      for (const rate of ladder) {
        const after = results.at(-1)
        const result = await rung({ ...base, rate, prefix: `rung-${salt}-${rate}` })
        console.error(JSON.stringify(result))
        results.push(result)
        if (after?.holds === false) break
      }
      if (out !== undefined) {
        // A profiler slows down what it looks at: a run of its own, of which nothing else is reported.
        const onMiddle = async (): Promise<void> => {
          flame = await profileLargest(root, out, signal)
        }
        const rate = results.at(-1)!.rate
        await rung({ ...base, rate, seconds: profileSeconds, prefix: `flame-${salt}`, onMiddle })
      }
      const peer = values['no-peer'] ? undefined : await rsyslog()
      const held = results.filter(({ holds }) => holds).map(({ rate }) => rate)
      const cpu = /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown'
      console.log(
        JSON.stringify({
          bench: 'pipeline',
          offered: 'open loop',
          highestRungHeld: held.length > 0 ? Math.max(...held) : null,
          rungs: results,
          ...(peer
            ? {
                peer: {
                  what: 'rsyslog, TCP to the same broker',
                  best: peer.toSorted((a, b) => b.perSecond - a.perSecond)[0],
                  settings: peer,
                },
              }
            : {}),
          ...(flame ? { flame } : {}),
          machine: { cores: cpus().length, cpu },
          node: process.version,
        }),
      )
      return 0
    } finally {
      await alerts.close()
      hotTier.close()
    }
  })

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
