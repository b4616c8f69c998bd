import type { Bytes, Cpu, Duration } from './units.ts'

/** The seed's key metrics that a scaling policy can name. */
export type MetricName =
  | 'qps'
  | 'latency_p99'
  | 'queue_depth'
  | 'utilization'
  | 'gpu_utilization'
  | 'error_rate'
  | 'lag'

/** Metrics that are shares of a whole, and the whole: more load does not make them more. */
const wholes: Readonly<Partial<Record<MetricName, number>>> = { utilization: 1, gpu_utilization: 100, error_rate: 1 }

/** The highest value that a metric can have. One that has an end cannot say how much is missing. */
export const highestOf = (name: MetricName): number => wholes[name] ?? Number.POSITIVE_INFINITY

/** How a metric's value is read from Prometheus over a policy's window. */
export interface MetricSource {
  /**
   * rate: a counter's rate per second, summed over all pods. average: a gauge's average over the window and all pods.
   * sum: a gauge that is one amount for the whole service, its sum over all pods averaged over the window.
   */
  readonly kind: 'rate' | 'average' | 'sum'
  readonly series: string
  /** The label that tells what a series is of, where services of one kind share a job: the model that is asked, or the MLInference whose pods they are. */
  readonly by?: 'model' | 'inference'
  /** The service whose pods measure it. Default: its own, so that nobody measures it while there is no pod. */
  readonly job?: string
}

/** Labels of a series, each with a regular expression for the whole of its value. */
export type Labels = Readonly<Record<string, string>>

/** How the levels of a service are read from Prometheus. */
export interface LevelSources {
  /** A counter of all that it was asked for, and which of it failed for a reason of ours. */
  readonly availability?: { readonly series: string; readonly of?: Labels; readonly bad: Labels }
  /** A histogram in seconds, without '_bucket', that has the promised latency as a boundary. */
  readonly latency?: { readonly series: string; readonly of?: Labels }
}

export type PortName =
  | 'https'
  | 'grpc'
  | 'syslog'
  | 'syslog-udp'
  | 'syslog-tls'
  | 'admin'
  | 'kafka'
  | 'controller'
  | 'clickhouse'
  | 'redis'
  | 'keeper'
  | 'raft'
  | 'elasticsearch'
  | 'transport'

/** Where a service says that it can serve: with its reasons on the admin port, without them at the entry. */
export const readyPath = '/readyz'

/** A way in for senders that speak no HTTP. */
export interface InletPolicy {
  readonly protocol: 'TCP' | 'UDP'
  /** Where the node answers for it in the local region. */
  readonly nodePort: number
  /** Who sends is known by a network address alone: open only where the environment's `clearInlets` says so. */
  readonly clear: boolean
}

/** One node of the service graph: what runs, on which ports, and whom it may call. */
export interface ServicePolicy {
  readonly namespace: 'siem' | 'data' | 'monitoring' | 'ngfw'
  /** Named container ports. `admin` serves /healthz, `readyPath` and /metrics over TLS. */
  readonly ports: Partial<Record<PortName, number>>
  /** The edges of the graph: each opens exactly one port of one service, and nothing else is open. */
  readonly calls: readonly { readonly service: string; readonly port: PortName }[]
  /** Whether it calls the public internet, TLS on port 443. Default: no. */
  readonly internet?: true
  /** Whether it calls the API server of its cluster, with a token of its own. Default: no. */
  readonly api?: true
  /** The port that answers callers from outside the region, if any. */
  readonly entry?: PortName
  /** Where the node answers for `entry` in the local region. */
  readonly nodePort?: number
  /** Ports that senders from outside the region reach as they are, beside `entry`. */
  readonly inlets?: Partial<Readonly<Record<PortName, InletPolicy>>>
  readonly metrics: Partial<Record<MetricName, MetricSource>>
  /** What its service levels are measured by. Default: it has none. */
  readonly levels?: LevelSources
  /** How long a pod may take until it is ready; a job, until what it needs answers. */
  readonly startup: Duration
  /** How long a pod may take to finish what it accepted after SIGTERM. */
  readonly grace: Duration
  /** Where it runs. Default: everywhere. */
  readonly only?: 'cloud'
}

/** What a pod of a service asks for; the request is the limit for memory, so that no pod is a noisy neighbour. */
export interface Size {
  readonly cpu: Cpu
  readonly memory: Bytes
  /** Durable storage per pod. */
  readonly storage?: Bytes
  /** Whole GPUs per pod. */
  readonly gpu?: number
}
