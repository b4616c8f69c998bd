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

const usage = `usage: npm run bench:inference -- [--seconds N] [--warm-up N] [--batches 1,16,64,1024] [--rate N] [--ours-only]

Our ml-inference, mlserver and a plain ONNX Runtime server (FastAPI, uvicorn) with the carried flow classifier in one run, each alone on the machine with
the generator. For each batch size: requests a second in a closed loop (every connection always busy), best of three settings for each peer; then P99 in
an open loop at the same rate for all, 60 % of what the slowest reached. JSON both ways for all; ours with binary tensors besides, and ours at --rate
requests a second (default 1,000) of batch 1 in an open loop. All requests over HTTP/1.1 in the clear on this machine. Everything that is sent is
checked first. One JSON line last; figures in docs/benchmarks.md.

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

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '5' },
      'warm-up': { type: 'string', default: '2' },
      batches: { type: 'string', default: '1,16,64,1024' },
      rate: { type: 'string', default: '1000' },
      'ours-only': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const options: Options = { seconds: Number(values.seconds), warmUpSeconds: Number(values['warm-up']) }
  const batches = values.batches.split(',').map(Number)
  const numbers = [options.seconds, options.warmUpSeconds, Number(values.rate), ...batches]
  if (values.help || numbers.some((one) => !(one > 0))) {
    console.error(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const model = classifier('1')
  const field = contenders.filter(({ server }) => !values['ours-only'] || server === 'ours')
  const closed: Run[] = []
  for (const contender of field)
    await withServer(contender, model, async (running) => {
      await verify(running, model, contender.server === 'ours')
      for (const batch of batches)
        closed.push(await measure(contender, running, jsonRequest(model, batch), 'json', batch, undefined, options))
      if (contender.server === 'ours')
        for (const batch of batches)
          closed.push(
            await measure(contender, running, binaryRequest(model, batch), 'binary', batch, undefined, options),
          )
    })
  const servers = [...new Set(field.map(({ server }) => server))]
  const best = (server: string, batch: number): Run =>
    closed
      .filter((one) => one.server === server && one.batch === batch && one.wire === 'json')
      .sort((a, b) => perSecond(b) - perSecond(a))[0]!
  const open: Run[] = []
  for (const batch of batches) {
    const rate = 0.6 * Math.min(...servers.map((server) => perSecond(best(server, batch))))
    for (const server of servers) {
      const { setting } = best(server, batch)
      const contender = field.find((one) => one.server === server && one.setting === setting)!
      open.push(
        await withServer(contender, model, async (running) => {
          // Warm in full, as a server is that has run for a while: what compiling costs is no matter of the rate.
          const warm = { seconds: options.warmUpSeconds, warmUpSeconds: 0.1 }
          await measure(contender, running, jsonRequest(model, batch), 'json', batch, undefined, warm)
          return measure(contender, running, jsonRequest(model, batch), 'json', batch, rate, options)
        }),
      )
    }
  }
  const ours = field[0]!
  const promised = await withServer(ours, model, async (running) => {
    const batch = 1
    await measure(ours, running, jsonRequest(model, batch), 'json', batch, undefined, options)
    const rate = Number(values.rate)
    return [
      await measure(ours, running, jsonRequest(model, batch), 'json', batch, rate, options),
      await measure(ours, running, binaryRequest(model, batch), 'binary', batch, rate, options),
    ]
  })
  const table = batches.map((batch) => ({
    batch,
    servers: servers.map((server) => {
      const { setting, measured, cpuPer1000 } = best(server, batch)
      const at = open.find((one) => one.server === server && one.batch === batch)!
      return {
        server,
        setting,
        requestsPerSecond: Math.round(measured.requests / measured.seconds),
        cpuPer1000,
        generatorCpuPer1000: Number(((measured.ownCpu / measured.requests) * 1_000).toFixed(3)),
        openLoop: {
          rate: Math.round(at.rate!),
          p50: at.measured.p50,
          p99: at.measured.p99,
          failed: at.measured.failed,
        },
      }
    }),
  }))
  console.log(
    JSON.stringify({
      bench: 'inference',
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      load: loadavg()[1],
      ...options,
      table,
      promised,
      closed,
      open,
    }),
  )
}

if (import.meta.main) await main()
