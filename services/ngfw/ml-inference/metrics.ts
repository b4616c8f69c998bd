import type { ModelEntry } from '../../common/inference/model-list.ts'
import { Counter, Gauge, latencyBuckets, type Metrics } from '../../common/metrics/metrics.ts'
import type { Model } from './serving/model.ts'
import type { Repository } from './serving/repository.ts'
import type { Stats, Watcher } from './serving/stats.ts'

const labels = ['model', 'version'] as const
type ModelLabels = Readonly<Record<(typeof labels)[number], string>>

const labelsOf = ({ name: model, version }: { readonly name: string; readonly version: string }): ModelLabels => ({
  model,
  version,
})

const failures = (stats: Stats): number =>
  [...stats.outcomes].reduce((sum, [outcome, n]) => sum + (outcome === 'ok' ? 0 : n), 0)

/**
 * Triton's counters, by its names.
 * @see https://github.com/triton-inference-server/server/blob/main/docs/user_guide/metrics.md
 */
const tritons: readonly (readonly [name: string, help: string, read: (stats: Stats) => number])[] = [
  ['nv_inference_request_success', 'Requests that were answered.', (s) => s.outcomes.get('ok') ?? 0],
  ['nv_inference_request_failure', 'Requests that got an error, refusals included.', failures],
  ['nv_inference_count', 'Inferences: rows of batches.', (s) => s.inferences],
  ['nv_inference_exec_count', 'Executions: batches.', (s) => s.executions],
  ['nv_inference_request_duration_us', 'Time of answered requests in the server, microseconds.', (s) => s.requestUs],
  ['nv_inference_queue_duration_us', 'Time that requests waited for their execution, microseconds.', (s) => s.queueUs],
  [
    'nv_inference_compute_input_duration_us',
    'Time that requests were put into batches, microseconds.',
    (s) => s.inputUs,
  ],
  ['nv_inference_compute_infer_duration_us', 'Time that requests were executed, microseconds.', (s) => s.inferUs],
  [
    'nv_inference_compute_output_duration_us',
    'Time that answers were taken out of batches, microseconds.',
    (s) => s.outputUs,
  ],
]

const rowBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 4_096, 16_384, 65_536]

export interface InferenceMetricsOptions {
  /** How soon an answer is promised: a bound of the histogram. */
  readonly objectiveSeconds: number
  /** The MLInference whose pod this is, as a label of what is measured of the pod; '': none. */
  readonly inference: string
  /** Milliseconds. */
  readonly now?: () => number
}

/** The server's metrics. Counts are kept by the models themselves and read at a scrape. Answers what watches one model. */
export function inferenceMetrics(
  metrics: Metrics,
  repository: Pick<Repository, 'loaded' | 'index'>,
  { objectiveSeconds, inference, now = () => performance.now() }: InferenceMetricsOptions,
): (entry: Pick<ModelEntry, 'name' | 'version'>) => Watcher {
  const registers = [metrics.registry]
  for (const [name, help, read] of tritons)
    new Counter({
      name,
      help,
      labelNames: [...labels],
      registers,
      collect() {
        this.reset()
        for (const model of repository.loaded()) this.inc(labelsOf(model), read(model.stats))
      },
    })
  new Counter({
    name: 'nd_inference_requests_total',
    help: 'Requests by what became of them: ok, or why not.',
    labelNames: [...labels, 'outcome'],
    registers,
    collect() {
      this.reset()
      for (const model of repository.loaded()) {
        // Nobody asked yet is none, not unknown: an autoscaler holds the pods while a metric is missing.
        this.inc({ ...labelsOf(model), outcome: 'ok' }, 0)
        for (const [outcome, count] of model.stats.outcomes) this.inc({ ...labelsOf(model), outcome }, count)
      }
    },
  })
  const gauge = (name: string, help: string, read: (model: Model) => number) =>
    metrics.gauge<(typeof labels)[number]>(name, help, {
      labels,
      readEach: () => repository.loaded().map((model) => [labelsOf(model), read(model)] as const),
    })
  gauge(
    'nv_inference_pending_request_count',
    'Requests that wait for their execution.',
    ({ batcher }) => batcher.pending,
  )
  gauge('nd_inference_queue_rows', 'Rows that wait for their execution.', ({ batcher }) => batcher.queuedRows)
  metrics.gauge('nd_inference_model_ready', '1 for a version that is loaded, 0 for one that is not.', {
    labels,
    readEach: () => repository.index().map((entry) => [labelsOf(entry), entry.state === 'READY' ? 1 : 0] as const),
  })
  busyShare(metrics, repository, inference, now)
  const duration = metrics.histogram(
    'nd_inference_duration_seconds',
    'From a request in the server to its answer, answered requests alone.',
    latencyBuckets(objectiveSeconds),
    labels,
  )
  const batch = metrics.histogram('nd_inference_batch_rows', 'Rows of executions.', rowBuckets, labels)
  return (entry) => {
    const [answered, executed] = [duration.labels(labelsOf(entry)), batch.labels(labelsOf(entry))]
    return { answered: (seconds) => answered.observe(seconds), executed: (rows) => executed.observe(rows) }
  }
}

/** Where a model runs on a GPU, the machine's own exporter measures it, under the same name. */
function busyShare(
  metrics: Metrics,
  repository: Pick<Repository, 'loaded'>,
  inference: string,
  now: () => number,
): void {
  const of: Readonly<Record<string, string>> = inference === '' ? {} : { inference }
  let last = { at: now(), busy: new Map<Stats, number>() }
  new Gauge({
    name: 'nd_gpu_utilization_percent',
    help: 'There is no GPU here: the share of time since the last scrape in which the CPU execution provider was at work, per cent.',
    labelNames: Object.keys(of),
    registers: [metrics.registry],
    collect() {
      const loaded = repository.loaded()
      const busy = new Map(loaded.map(({ stats }) => [stats, stats.busyMs]))
      const worked = [...busy].reduce((sum, [stats, ms]) => sum + ms - (last.busy.get(stats) ?? 0), 0)
      const share = worked / Math.max(1, now() - last.at)
      last = { at: now(), busy }
      // A gauge without labels is 0 until it is taken away.
      if (loaded.some(({ info }) => info.provider === 'cuda')) this.remove(of)
      else this.set(of, Math.min(100, 100 * share))
    },
  })
}
