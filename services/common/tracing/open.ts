import { hostname } from 'node:os'
import { milliseconds, perSecond } from '../../../policies/model/units.ts'
import { tracing } from '../../../policies/tracing.ts'
import type { ProcessConfig } from '../config/process.ts'
import type { EnvReader } from '../config/reader.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { TlsFiles } from '../tls/material.ts'
import { fileDestination, otlpDestination } from './destinations.ts'
import { SpanExporter, spanCounts } from './exporter.ts'
import { choiceCounter, Tracer, untraced } from './tracer.ts'

export interface TracingConfig {
  /** Where traces go; undefined: nothing is traced. */
  readonly traces: URL | undefined
  /** Who this process is among those of its service. */
  readonly instance: string
}

/** What the policy asks of every process, in the units of the parts. */
export const tracingSettings = {
  choice: {
    oneIn: tracing.oneIn,
    perSecond: perSecond(tracing.ceiling.traces),
    burst: tracing.ceiling.burst,
  },
  limits: {
    waiting: tracing.spans.waiting,
    batch: tracing.spans.batch,
    lingerMs: milliseconds(tracing.spans.linger),
    timeoutMs: milliseconds(tracing.spans.timeout),
    giveUpMs: milliseconds(tracing.spans.giveUp),
  },
} as const

const nowhere = 'none'
const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

/** ND_TRACES: `none`, an `https:` URL of OTLP, an `http:` one of this machine, or a `file:`. */
export function tracingConfig(env: EnvReader): TracingConfig {
  const instance = env.text('ND_POD', `${hostname()}:${process.pid}`)
  if (env.text('ND_TRACES', nowhere) === nowhere) return { traces: undefined, instance }
  const traces = env.url('ND_TRACES', ['https:', 'http:', 'file:'])
  if (traces.protocol === 'http:' && !loopback.has(traces.hostname))
    env.problems.push(`ND_TRACES must begin with https:// where it leads to another machine.`)
  return { traces, instance }
}

export interface OpenTracing {
  readonly service: string
  readonly config: TracingConfig & Pick<ProcessConfig, 'region' | 'environment'>
  readonly metrics: Metrics
  readonly tls: Pick<TlsFiles, 'current'>
  readonly lifecycle: Pick<Lifecycle, 'onStop'>
  readonly log: Log
}

/** The process's tracer, by the policy. What it has is handed over when everything that was started after it has stopped. */
export function openTracing({ service, config, metrics, tls, lifecycle, log }: OpenTracing): Tracer {
  const { traces, instance } = config
  if (traces === undefined) return untraced
  const { choice, limits } = tracingSettings
  const exporter: SpanExporter = new SpanExporter({
    destination: traces.protocol === 'file:' ? fileDestination(traces) : otlpDestination(traces, tls),
    resource: {
      'service.name': service,
      'service.namespace': 'neurodefender',
      'service.instance.id': instance,
      'cloud.region': config.region,
      'deployment.environment.name': config.environment,
    },
    limits,
    counts: spanCounts(metrics, () => exporter.waiting),
    log,
  })
  lifecycle.onStop('traces', () => exporter.close(limits.timeoutMs))
  return new Tracer({
    ...choice,
    export: (span) => exporter.add(span),
    chosen: choiceCounter(metrics),
  })
}
