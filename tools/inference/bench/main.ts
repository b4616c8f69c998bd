import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readCpu, usedBetween } from '../../load/cpu.ts'
import { run } from '../../python/environment.ts'
import { binaryRequest, type Classifier, classifier, jsonRequest } from '../peers/requests.ts'
import type { RunningServer } from '../peers/server.ts'
import { type Contender, contenders } from './contenders.ts'
import type { Load, Measured } from './generator.ts'
import { verify } from './verify.ts'

const usage = `usage: npm run bench:inference -- [--passes N] [--seconds N] [--warm-up N] [--batches 1,16,64,1024] [--rate N] [--ours-only]

Our ml-inference, mlserver and a plain ONNX Runtime server (FastAPI, uvicorn) with the carried flow classifier in one run, each alone on the machine with
the generator. For each batch size: requests a second in a closed loop (every connection always busy), best of three settings for each peer; then P99 in
an open loop at the same rate for all, 60 % of what the slowest reached. JSON both ways for all; ours with binary tensors besides, and ours at --rate
requests a second (default 1,000) of batch 1 in an open loop. All requests over HTTP/1.1 in the clear on this machine. Everything that is sent is
checked first. One JSON line last; figures in docs/benchmarks.md.

--passes    how often all is measured, servers in turn (default 3, half an hour); the best pass counts, all are listed
--seconds   measured for each figure (default 5), after --warm-up (default 2)`

interface Run {
  readonly server: string
  readonly setting: string
  readonly wire: 'json' | 'binary'
  readonly batch: number
  readonly rate: number | undefined
  readonly measured: Measured
  /** CPU seconds of the server for 1,000 requests. */
  readonly cpuPer1000: number
}

interface Options {
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly passes: number
}

/** As many as keep two cores busy, and no more than what waits is worth measuring. */
const connectionsFor = (batch: number): number => (batch >= 1_024 ? 4 : 16)
/** Of an open loop: enough that none waits for a connection at the rates here while the server answers within its promise. */
const openConnections = 128

async function measure(
  { server, setting }: Contender,
  running: RunningServer,
  request: Buffer,
  wire: Run['wire'],
  batch: number,
  rate: number | undefined,
  { seconds, warmUpSeconds }: Options,
): Promise<Run> {
  const { hostname, port } = new URL(running.url)
  const load: Load = {
    host: hostname,
    port: Number(port),
    request: request.toString('base64'),
    connections: rate === undefined ? connectionsFor(batch) : openConnections,
    ...(rate === undefined ? {} : { rate }),
    seconds,
    warmUpSeconds,
  }
  const before = readCpu(running.pid)
  const said = await run(process.execPath, [fileURLToPath(new URL('generator.ts', import.meta.url))], {
    input: JSON.stringify(load),
  })
  const used = Object.values(usedBetween(before, readCpu(running.pid))).reduce((a, b) => a + b, 0)
  const measured = JSON.parse(said) as Measured
  // The server's CPU is read around the warm-up too, so it is shared among all requests in proportion to time.
  const share = seconds / (seconds + warmUpSeconds)
  const cpuPer1000 = Number((((used * share) / measured.requests) * 1_000).toFixed(3))
  const result: Run = { server, setting, wire, batch, rate, measured, cpuPer1000 }
  const { requests, failed, p50, p99 } = measured
  console.error(
    `${server} (${setting}), ${wire}, batch ${batch}${rate === undefined ? '' : `, ${Math.round(rate)}/s due`}: ${Math.round(requests / measured.seconds)}/s, P50 ${p50} ms, P99 ${p99} ms, CPU ${cpuPer1000} s per 1,000, failed ${failed.status + failed.broken}`,
  )
  return result
}

const perSecond = ({ measured }: Run): number => measured.requests / measured.seconds

async function withServer<T>(
  contender: Contender,
  model: Classifier,
  use: (running: RunningServer) => Promise<T>,
): Promise<T> {
  const running = await contender.start(model)
  try {
    return await use(running)
  } finally {
    await running.stop()
  }
}

/** Every contender in turn, each batch size, as often as asked: so that what else the machine does meets all of them. */
async function closedLoops(
  field: readonly Contender[],
  model: Classifier,
  batches: readonly number[],
  options: Options,
): Promise<Run[]> {
  const runs: Run[] = []
  for (let pass = 0; pass < options.passes; pass++)
    for (const contender of field)
      await withServer(contender, model, async (running) => {
        await verify(running, model, contender.server === 'ours')
        const loop = async (wire: Run['wire'], batch: number): Promise<void> => {
          const request = wire === 'json' ? jsonRequest(model, batch) : binaryRequest(model, batch)
          runs.push(await measure(contender, running, request, wire, batch, undefined, options))
        }
        for (const batch of batches) await loop('json', batch)
        if (contender.server === 'ours') for (const batch of batches) await loop('binary', batch)
      })
  return runs
}

/** One open loop over a warm server: what compiling costs is no matter of the rate. */
async function openLoop(
  contender: Contender,
  model: Classifier,
  wire: Run['wire'],
  batch: number,
  rate: number,
  options: Options,
): Promise<Run> {
  const request = wire === 'json' ? jsonRequest(model, batch) : binaryRequest(model, batch)
  return withServer(contender, model, async (running) => {
    const warm = { ...options, seconds: options.warmUpSeconds, warmUpSeconds: 0.1 }
    await measure(contender, running, request, wire, batch, undefined, warm)
    return measure(contender, running, request, wire, batch, rate, options)
  })
}

const figures = ({ server, setting, measured, cpuPer1000 }: Run) => ({
  server,
  setting,
  requestsPerSecond: Math.round(measured.requests / measured.seconds),
  failed: measured.failed.status + measured.failed.broken,
  cpuPer1000,
  generatorCpuPer1000: Number(((measured.ownCpu / measured.requests) * 1_000).toFixed(3)),
})

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '5' },
      'warm-up': { type: 'string', default: '2' },
      passes: { type: 'string', default: '3' },
      batches: { type: 'string', default: '1,16,64,1024' },
      rate: { type: 'string', default: '1000' },
      'ours-only': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const options: Options = {
    seconds: Number(values.seconds),
    warmUpSeconds: Number(values['warm-up']),
    passes: Number(values.passes),
  }
  const batches = values.batches.split(',').map(Number)
  const promisedRate = Number(values.rate)
  if (values.help || [...Object.values(options), promisedRate, ...batches].some((one) => !(one > 0))) {
    console.error(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const model = classifier('1')
  const field = contenders.filter(({ server }) => !values['ours-only'] || server === 'ours')
  const servers = [...new Set(field.map(({ server }) => server))]
  const closed = await closedLoops(field, model, batches, options)
  const best = (server: string, batch: number, wire: Run['wire'] = 'json'): Run =>
    closed
      .filter((one) => one.server === server && one.batch === batch && one.wire === wire)
      .sort((a, b) => perSecond(b) - perSecond(a))[0]!
  const open: Run[] = []
  for (let pass = 0; pass < options.passes; pass++)
    for (const batch of batches) {
      const rate = 0.6 * Math.min(...servers.map((server) => perSecond(best(server, batch))))
      for (const server of servers) {
        const { setting } = best(server, batch)
        const contender = field.find((one) => one.server === server && one.setting === setting)!
        open.push(await openLoop(contender, model, 'json', batch, rate, options))
      }
    }
  const promised: Run[] = []
  for (let pass = 0; pass < options.passes; pass++)
    for (const wire of ['json', 'binary'] as const)
      promised.push(await openLoop(field[0]!, model, wire, 1, promisedRate, options))
  const unanswered = ({ measured: { failed } }: Run): number => failed.status + failed.broken
  const late = (of: readonly Run[]): object => {
    const at = [...of].sort((a, b) => unanswered(a) - unanswered(b) || a.measured.p99 - b.measured.p99)[0]!
    const { p50, p99 } = at.measured
    return { rate: Math.round(at.rate!), p50, p99, failed: unanswered(at) }
  }
  const table = batches.map((batch) => ({
    batch,
    servers: servers.map((server) => ({
      ...figures(best(server, batch)),
      openLoop: late(open.filter((one) => one.server === server && one.batch === batch)),
    })),
    oursBinary: figures(best('ours', batch, 'binary')),
  }))
  const atRate = (['json', 'binary'] as const).map((wire) => ({
    wire,
    ...late(promised.filter((one) => one.wire === wire)),
  }))
  console.log(
    JSON.stringify({
      bench: 'inference',
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      load: loadavg()[1],
      ...options,
      table,
      oursAtRate: atRate,
      runs: { closed, open, promised },
    }),
  )
}

if (import.meta.main) await main()
