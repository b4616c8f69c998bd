import { PrometheusError, type SampleSource, type Series } from '../../../../common/prometheus/prometheus.ts'
import type { Figures, SubsetFigures } from '../judge.ts'
import type { Evidence } from '../walk/seen.ts'
import { growth, newest } from './counters.ts'

/** A span that is judged, milliseconds since 1970. */
export interface Span {
  readonly from: number
  readonly to: number
}

export interface Question {
  /** 'name.namespace.svc.domain' */
  readonly host: string
  readonly stable: Span
  readonly canary: Span
  /** The candidate's model, as its pods count it. */
  readonly version: string
  readonly now: number
}

export interface GatewayOptions {
  readonly source: SampleSource
  /** Samples older than this say nothing of now. */
  readonly maxAgeMs: number
}

const names = 'envoy_cluster_upstream_rq_xx|envoy_cluster_upstream_rq_time_bucket'

/** PromQL's string of a regular expression that matches the text alone. */
const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\\$&`)

/**
 * The counters of one subset, of all ports and gateways: 'outbound|<port>|<subset>|<host>' as Istio names clusters. Proxies that Istio
 * configures call the label `cluster_name`, others `envoy_cluster_name`; the one that is not there matches as empty.
 */
export function selectorOf(subset: string, host: string): string {
  const cluster = String.raw`|outbound\\|[0-9]+\\|${subset}\\|${literal(host)}`
  return `{__name__=~"${names}",envoy_cluster_name=~"${cluster}",cluster_name=~"${cluster}"}`
}

const isCluster = ({ labels }: Series): boolean => (labels.envoy_cluster_name ?? labels.cluster_name ?? '') !== ''

/** What the gateways counted of each subset, from Prometheus. */
export class GatewayEvidence {
  readonly #options: GatewayOptions

  constructor(options: GatewayOptions) {
    this.#options = options
  }

  /** Never throws but when `signal` ends it: no answer, an old one or one that cannot be read is no evidence, and says why. */
  async read(question: Question, signal: AbortSignal): Promise<Evidence> {
    const { source, maxAgeMs } = this.#options
    const { host, stable, canary, version, now } = question
    try {
      const range = async (subset: 'stable' | 'canary', { from, to }: Span) =>
        (await source.range(selectorOf(subset, host), from, to, signal)).filter(isCluster)
      const [before, after, counted] = await Promise.all([
        range('stable', stable),
        range('canary', canary),
        source.range(`nd_inference_requests_total{version="${version}"}`, canary.from, canary.to, signal),
      ])
      const last = newest([...after, ...(stable.to === canary.to ? before : [])])
      if (last === undefined) return { known: false, why: 'Prometheus has no figures of the gateway yet.' }
      if (now - last * 1_000 > maxAgeMs)
        return { known: false, why: `The newest figures of the gateway are ${Math.round(now / 1_000 - last)} s old.` }
      const figures: Figures = { stable: figuresOf(before), canary: figuresOf(after) }
      if (counted.length === 0) return { known: true, figures }
      return { known: true, figures, seenByPods: total(growth(counted)) }
    } catch (error) {
      signal.throwIfAborted()
      return { known: false, why: error instanceof PrometheusError ? error.message : 'The figures cannot be read.' }
    }
  }
}

const total = (rows: readonly (readonly [unknown, number])[]): number => rows.reduce((sum, [, by]) => sum + by, 0)

/** One subset's figures out of what its counters grew by. */
export function figuresOf(series: readonly Series[]): SubsetFigures {
  const classOf = (labels: Series['labels']) => labels.envoy_response_code_class ?? labels.response_code_class ?? ''
  const grown = growth(series)
  const rows = grown.filter(([labels]) => labels.__name__ === 'envoy_cluster_upstream_rq_xx')
  const within = new Map<number, number>()
  for (const [labels, by] of grown) {
    if (labels.__name__ !== 'envoy_cluster_upstream_rq_time_bucket' || labels.le === undefined) continue
    const bound = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le)
    within.set(bound, (within.get(bound) ?? 0) + by)
  }
  const bounds = [...within.keys()].filter(Number.isFinite).sort((a, b) => a - b)
  return {
    requests: Math.round(total(rows)),
    errors: Math.round(total(rows.filter(([labels]) => classOf(labels).startsWith('5')))),
    latencies: {
      bounds,
      within: bounds.map((bound) => Math.round(within.get(bound) ?? 0)),
      total: Math.round(within.get(Number.POSITIVE_INFINITY) ?? 0),
    },
  }
}
