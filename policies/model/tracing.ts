import type { Duration, Rate } from './units.ts'

/** Which requests leave a trace, and what may wait to be told of them. */
export interface TracingPolicy {
  /** One in so many requests or batches, on average, begins a trace: at the services and at the proxies of the mesh. */
  readonly oneIn: number
  /** Traces that one process begins at most, whatever share that is and whoever sends: a token bucket. */
  readonly ceiling: { readonly traces: Rate; readonly burst: number }
  readonly spans: {
    /** Spans of one process that wait to be exported; beyond them they are dropped and counted. */
    readonly waiting: number
    /** Spans of one export: as many as can be written without holding anything up. */
    readonly batch: number
    /** How long a span waits for others. */
    readonly linger: Duration
    /** For the answer to one export. */
    readonly timeout: Duration
    /** How long one export is tried again before its spans are dropped. */
    readonly giveUp: Duration
    /** Alerts of one record that get a span each. */
    readonly alerts: number
  }
}
