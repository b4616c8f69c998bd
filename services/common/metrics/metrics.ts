import { performance } from 'node:perf_hooks'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** A process's metrics. Labels must be bounded: never a tenant, an id or a text from outside. */
export interface Metrics {
  readonly registry: Registry
  counter<L extends string>(name: string, help: string, labels?: readonly L[]): Counter<L>
  /** A gauge; with `read` its value is asked for at each scrape. */
  gauge<L extends string>(name: string, help: string, options?: GaugeOptions<L>): Gauge<L>
  /** Seconds. */
  histogram<L extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly L[],
  ): Histogram<L>
  /** Prometheus' text form. */
  text(): Promise<string>
}

export interface GaugeOptions<L extends string> {
  readonly labels?: readonly L[]
  readonly read?: () => number | Promise<number>
  /** Like `read`, with labels: a line for each, and none for those that are not there. */
  readonly readEach?: () => Iterable<readonly [labels: Readonly<Record<L, string>>, value: number]>
}

export interface MetricsOptions {
  /** Node's own metrics (heap, handles, garbage collection). Default: true. */
  readonly process?: boolean
}

/** A registry with `nd_utilization_ratio` (event loop utilisation since the scrape before) and Node's own metrics. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  if (options.process ?? true) collectDefaultMetrics({ register: registry })
  const metrics: Metrics = {
    registry,
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: [...labels], registers }),
    gauge: (name, help, { labels = [], read, readEach } = {}) =>
      new Gauge({
        name,
        help,
        labelNames: [...labels],
        registers,
        ...(read && {
          async collect() {
            this.set(await read())
          },
        }),
        ...(readEach && {
          collect() {
            this.reset()
            for (const [of, value] of readEach()) this.set(of, value)
          },
        }),
      }),
    histogram: (name, help, buckets, labels = []) =>
      new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers }),
    text: () => registry.metrics(),
  }
  let last = performance.eventLoopUtilization()
  metrics.gauge('nd_utilization_ratio', 'Share of time that the event loop was busy since the last scrape, 0 to 1.', {
    read: () => {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, last)
      last = now
      return utilization
    },
  })
  return metrics
}

/**
 * Latency buckets in seconds around an objective: P50, P95 and P99 are read from them, and the objective is a boundary itself,
 * so that "share within the objective" is exact.
 */
export function latencyBuckets(objectiveSeconds: number): number[] {
  return [0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 2, 5, 10, 25, 100].map((f) =>
    Number((f * objectiveSeconds).toPrecision(3)),
  )
}

export { Counter, Gauge, Histogram }
