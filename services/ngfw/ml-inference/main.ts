import { isMainThread } from 'node:worker_threads'
import { bytes, milliseconds, seconds } from '../../../policies/model/units.ts'
import { objectives } from '../../../policies/objectives.ts'
import { WatchedFile } from '../../common/files/watched-file.ts'
import { entryServer } from '../../common/http/entry.ts'
import { httpMetrics } from '../../common/http/server.ts'
import { parseModelList } from '../../common/inference/model-list.ts'
import { boot } from '../../common/process/boot.ts'
import { inferenceConfig } from './config.ts'
import { serveEngine } from './engine/thread.ts'
import { GrpcServer } from './grpc/server.ts'
import { grpcMethods } from './grpc/service.ts'
import { InFlight } from './in-flight.ts'
import { LoopLag } from './loop-lag.ts'
import { inferenceMetrics } from './metrics.ts'
import { RestRoutes } from './rest/routes.ts'
import { modelLoader } from './serving/load.ts'
import { Repository } from './serving/repository.ts'
import { modelSource } from './serving/source.ts'

const { inference } = objectives
const budgetMs = milliseconds(inference.latencyP99)
const maxBytes = bytes(inference.maxBody)
const maxTextBytes = bytes(inference.maxText)
/** A request that is here at the end is answered within its budget; the rest is for its way back. */
const stopMs = 20 * budgetMs
/** A new model is waited for: the operator's canary goes on when it is there. */
const listPollMs = 1_000

const start = () =>
  boot('ml-inference', inferenceConfig, async ({ config, log, metrics, lifecycle, tls, tracer, fileCounts }) => {
    const lag = new LoopLag()
    lifecycle.onStop('loop lag', () => lag.stop())
    const load = modelLoader({
      fetch: modelSource({
        cache: config.cache,
        maxBytes: bytes(inference.maxModel),
        timeoutMs: milliseconds(inference.fetchTimeout),
        s3: config.s3,
        log,
      }),
      entry: new URL(import.meta.url),
      provider: config.provider,
      threads: config.threads,
      defaults: {
        maxBatch: inference.maxBatch,
        // What has gathered while the model worked is batch enough on a processor; a model on a GPU asks for more.
        maxDelayMs: 0,
        maxQueue: inference.maxQueue,
      },
      budgetMs,
      lagMs: () => lag.ms,
      watcher: (entry) => watcher(entry),
      log,
    })
    const repository = new Repository({ log, load })
    const watcher = inferenceMetrics(metrics, repository, {
      objectiveSeconds: seconds(inference.latencyP99),
      inference: config.inference,
    })
    lifecycle.check('models', () => repository.trouble)
    lifecycle.onStop('models', () => repository.close())
    const ready = () => lifecycle.readiness().ready
    const inFlight = new InFlight(bytes(inference.maxInFlight))
    const rest = new RestRoutes({
      repository,
      ready,
      control: config.control,
      maxBodyBytes: maxBytes,
      maxTextBytes,
      inFlight,
      tracer,
    })
    const server = entryServer({
      entry: config.entry,
      tls,
      lifecycle,
      log,
      routes: {},
      find: rest.find,
      logRetries: false,
      errorBody: ({ message }) => ({ error: message }),
      metrics: httpMetrics(metrics, seconds(inference.latencyP99)),
    })
    const grpc = new GrpcServer({
      listener:
        config.entry.kind === 'tls'
          ? { ...config.entry, port: config.grpcPort, tls }
          : { ...config.entry, port: config.grpcPort },
      methods: grpcMethods({ repository, ready, live: () => true, control: config.control, maxTextBytes, tracer }),
      maxMessageBytes: maxBytes,
      inFlight,
      log,
    })
    await Promise.all([server.listen(), grpc.listen()])
    lifecycle.onStop('servers', () => Promise.all([server.stop(stopMs), grpc.stop(stopMs)]))
    const list = new WatchedFile({
      file: config.modelsFile,
      name: 'models',
      what: 'the model list',
      parse: parseModelList,
      pollMs: listPollMs,
      changed: (entries) => void repository.set(entries),
      log,
      counts: fileCounts,
    })
    void repository.set(list.current)
    lifecycle.onStop('model list', () => list.close())
  })

// A model with long executions gets a thread, which begins with this same file.
await (isMainThread ? start() : serveEngine())
