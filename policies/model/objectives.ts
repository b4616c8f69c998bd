import type { Jurisdiction } from './region.ts'
import type { Bytes, Duration, Rate } from './units.ts'

/** What is promised for one kind of data. */
export interface DataClassPolicy {
  /** How much of what was acknowledged may be lost with a whole region: an acknowledgement is regional. A zone loses nothing. */
  readonly rpo: Duration
  /** Until it can be read again after a region is lost. */
  readonly rto: Duration
  /** Where copies may lie. */
  readonly jurisdictions: readonly Jurisdiction[]
  /** For so long nobody can delete it, the account's owner included. */
  readonly lock?: Duration
}

/** Whom an alert calls: somebody now, or somebody in working hours. */
export type Urgency = 'page' | 'ticket'

/**
 * One alert of every service level: over the long and over the short window, errors came at `rate` times what would spend the whole
 * budget in just the level's own window. The long one makes it mean something, the short one ends it soon after the incident.
 * @see https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts
 */
export interface BurnPolicy {
  readonly urgency: Urgency
  readonly rate: number
  readonly long: Duration
  readonly short: Duration
}

/** The parts of the objectives that promise a latency. */
export const promised = ['ingest', 'storing', 'query', 'inference'] as const
export type Promised = (typeof promised)[number]

/** What is promised of one service over the levels' window. How it is measured, `services.ts` says. */
export interface LevelPolicy {
  /** Share of what it is asked for that does not fail for a reason of ours, 0 to 1. */
  readonly availability?: number
  /** Whose `latencyP99` holds for what it does: for a share of 0.99, as the name says. */
  readonly latency?: Promised
}

export interface LevelsPolicy {
  /** The budget of errors is for so long. */
  readonly window: Duration
  /** Fewer bad events in an alert's long window make none: of ten requests a night, one is no incident. */
  readonly least: number
  readonly burns: readonly BurnPolicy[]
  readonly of: Readonly<Record<string, LevelPolicy>>
}

export interface ObjectivesPolicy {
  /** What a sender may rely on. */
  readonly ingest: {
    /** P99 of a request to the collector. Also the top bucket that must exist in its latency histogram. */
    readonly latencyP99: Duration
    /** Larger bodies, after decompression, are refused with 413. */
    readonly maxBody: Bytes
    readonly maxEvent: Bytes
    readonly maxEventsPerRequest: number
    /** A request that Kafka has not acknowledged by then gets 503 and is to be sent again with its batch id. */
    readonly ackTimeout: Duration
    /** Bytes accepted and not yet acknowledged by Kafka; beyond it the collector answers 503. */
    readonly maxInFlight: Bytes
    /** An event whose own time is further from its arrival is kept, flagged and counted: a clock that is wrong, or a very late sender. */
    readonly clock: { readonly ahead: Duration; readonly behind: Duration }
    /** What comes as messages over connections and datagrams (syslog). */
    readonly messages: {
      /** Of a longer message the beginning is kept as a dead letter. */
      readonly maxMessage: Bytes
      /** Taken from one tenant's senders and not yet acknowledged by Kafka; beyond it their connections are not read, and datagrams dropped. */
      readonly maxHeldPerTenant: Bytes
      /** A message waits so long for others before it is sent on. */
      readonly linger: Duration
      /** A connection without a message for so long is closed. */
      readonly idle: Duration
      /** A message that is not whole after so long ends its connection. */
      readonly frame: Duration
      /** Open at once, on one pod. */
      readonly connections: number
      readonly connectionsPerTenant: number
    }
  }
  /** When windows of correlations are complete, and what they may keep. Over a limit something is put out, counted and told. */
  readonly correlation: {
    /** An event may be so much older than the newest of its tenant. Rules that more events can undo wait for as long. */
    readonly lateness: Duration
    /** How often, in event time, a tenant's windows are settled. */
    readonly step: Duration
    /** A tenant that sends nothing for so long (or for a rule's timespan, if that is longer) loses its windows. */
    readonly idle: Duration
    /** Groups of one rule and tenant. */
    readonly groups: number
    /** Events in the window of one group. A rule that needs more of them to fire is refused. */
    readonly eventsPerGroup: number
    /** Events in all windows of one tenant. */
    readonly eventsPerTenant: number
    /** Ids of events that an alert names. */
    readonly evidence: number
  }
  readonly storing: {
    /** P99 from the arrival of events to their being in the hot tier. Also a bucket of its histogram. */
    readonly latencyP99: Duration
  }
  readonly query: {
    readonly timeout: Duration
    /** P99 of a question's answer. Also a bucket of its histogram. */
    readonly latencyP99: Duration
    /** Of an aggregation. */
    readonly maxRows: number
    /** Rows of one page of a search. */
    readonly maxPage: number
    /** What operators may learn of all tenants together. */
    readonly crossTenant: {
      /** A group of fewer tenants is not answered. */
      readonly minTenants: number
      /** Nor one of which a single tenant has more than this share, 0 to 1. */
      readonly largestShare: number
      /** Spans and buckets of time are whole multiples of it. */
      readonly grain: Duration
      /** Of one operator; differences of many questions tell more than each. */
      readonly questionsPerDay: number
    }
  }
  /** What a caller of a model may rely on, on each pod. */
  readonly inference: {
    /** P99 of a request; one that would wait longer for its answer is refused at once. Also a bucket of its histogram. */
    readonly latencyP99: Duration
    /** Rows of one execution, and so of one request. A model's own limit goes before. */
    readonly maxBatch: number
    /** Rows that wait for one model. */
    readonly maxQueue: number
    /** Larger requests, after decompression, are refused. */
    readonly maxBody: Bytes
    /** Of a request, what is JSON or typed contents of gRPC: a byte of either takes up to fifty in memory. Raw tensors are not part of it. */
    readonly maxText: Bytes
    /** Bytes of requests at once. */
    readonly maxInFlight: Bytes
    /** Larger models are not loaded. */
    readonly maxModel: Bytes
    /** From the first question for a model's file to its last byte. */
    readonly fetchTimeout: Duration
  }
  /** What a region is to carry on an ordinary day: its rows must have pods enough, and the preview reckons with it once, twice and ten times. */
  readonly load: {
    readonly events: Rate
    /** That carry these events, to the collector. */
    readonly requests: Rate
    readonly inferences: Rate
    /** To analytics. */
    readonly questions: Rate
  }
  /** The seed's performance targets: from the moment that load changes until the pods fit it. */
  readonly scaling: {
    readonly upWithin: Duration
    readonly downWithin: Duration
    /** What a forecast may cost and must be worth; all are shares. */
    readonly prediction: PredictionLimits
  }
  readonly dataClasses: Readonly<Record<string, DataClassPolicy>>
  /** Service levels, and the alerts that tell when their budgets burn. */
  readonly levels: LevelsPolicy
  readonly monitoring: {
    /** How often Prometheus asks each pod. Whatever is measured over a window needs two of them. */
    readonly scrapeInterval: Duration
  }
}

/** A forecast adds pods only as long as its own record, judged beside an autoscaler without it, stays within these. */
export interface PredictionLimits {
  /** More pods at most than without it, while it prevents at least `proven` of the overload. */
  readonly budget: number
  /** More pods at most while it prevents less. */
  readonly trial: number
  readonly proven: number
  /** Below this share of the overload prevented it adds nothing. */
  readonly useful: number
  /** The share of the overload prevented that is enough: covering more of the risk is not paid for. */
  readonly aim: number
  /** Above this spread of its errors against the load it adds nothing: covering them would cost more than it is worth. */
  readonly spread: number
}
