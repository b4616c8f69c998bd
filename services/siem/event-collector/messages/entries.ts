import type { EnvironmentPolicy } from '../../../../policies/model/environment.ts'
import type { ObjectivesPolicy } from '../../../../policies/model/objectives.ts'
import { bytes, milliseconds } from '../../../../policies/model/units.ts'
import type { Producer } from '../../../common/bus/bus.ts'
import type { Lifecycle } from '../../../common/lifecycle/lifecycle.ts'
import type { Log } from '../../../common/log/log.ts'
import type { Metrics } from '../../../common/metrics/metrics.ts'
import type { Placing } from '../../../common/placing/placing.ts'
import type { TenantRegistry } from '../../../common/tenants/registry.ts'
import type { TlsFiles } from '../../../common/tls/material.ts'
import type { Tracer } from '../../../common/tracing/tracer.ts'
import type { InFlight } from '../in-flight.ts'
import type { CollectorMetrics } from '../metrics.ts'
import type { Quotas } from '../quota.ts'
import { Gatherer } from './gatherer.ts'
import { Intake } from './intake.ts'
import { messageMetrics } from './metrics.ts'
import { SyslogStream } from './syslog-stream.ts'
import { SyslogUdp } from './syslog-udp.ts'

export interface SyslogPorts {
  readonly tls: number
  readonly tcp: number
  readonly udp: number
}

export interface SyslogOptions {
  readonly region: string
  readonly environment: Pick<EnvironmentPolicy, 'clearInlets'> & {
    readonly kafka: Pick<EnvironmentPolicy['kafka'], 'partitions'>
  }
  readonly ingest: ObjectivesPolicy['ingest']
  readonly host: string
  readonly ports: SyslogPorts
  readonly tenants: TenantRegistry
  readonly quotas: Quotas
  readonly inFlight: InFlight
  readonly producer: Pick<Producer, 'send'>
  readonly placing: Pick<Placing, 'of'>
  readonly tls: TlsFiles
  readonly lifecycle: Pick<Lifecycle, 'onStop'>
  readonly log: Log
  readonly metrics: Metrics
  readonly counters: Pick<CollectorMetrics, 'accepted' | 'clock'>
  /** Default: nothing is traced. */
  readonly tracer?: Tracer
}

/** A batch of messages: what one request to Kafka carries well. */
const maxBatch = 2_000
const maxBatchBytes = 512 * 1_024

/** Opens every way in for messages that the environment takes; answers the ports. They stop before what they were taken with. */
export async function openSyslog(options: SyslogOptions): Promise<Partial<SyslogPorts>> {
  const { ingest, environment, region, host, ports, tenants, tls, lifecycle, log, counters, inFlight } = options
  const { messages: limits } = ingest
  const metrics = messageMetrics(options.metrics)
  const ackTimeoutMs = milliseconds(ingest.ackTimeout)
  const gatherer = new Gatherer({
    partitions: environment.kafka.partitions,
    producer: options.producer,
    placing: options.placing,
    inFlight,
    maxHeldBytes: bytes(limits.maxHeldPerTenant),
    maxBatch,
    maxBatchBytes,
    lingerMs: milliseconds(limits.linger),
    log,
    acknowledged: (events) => counters.accepted.inc(events),
    lost: (messages) => metrics.lost.inc(messages),
    ...(options.tracer ? { tracer: options.tracer } : {}),
  })
  lifecycle.onStop('messages', () => gatherer.close(ackTimeoutMs))
  const intake = new Intake({
    gatherer,
    quotas: options.quotas,
    limits: {
      maxEventBytes: bytes(ingest.maxEvent),
      clock: { aheadMs: milliseconds(ingest.clock.ahead), behindMs: milliseconds(ingest.clock.behind) },
    },
    metrics: { ...metrics, clock: counters.clock },
  })
  const stream = {
    host,
    region,
    intake,
    tenants,
    metrics,
    log,
    limits: {
      maxFrameBytes: bytes(limits.maxMessage),
      idleMs: milliseconds(limits.idle),
      frameMs: milliseconds(limits.frame),
      maxConnections: limits.connections,
      maxPerTenant: limits.connectionsPerTenant,
    },
  }
  const secure = new SyslogStream({ ...stream, port: ports.tls, tls })
  const open = { tls: await secure.listen() }
  lifecycle.onStop('syslog with TLS', () => secure.stop(drainMs))
  if (!environment.clearInlets) return open
  const plain = new SyslogStream({ ...stream, port: ports.tcp })
  const tcp = await plain.listen()
  lifecycle.onStop('syslog in the clear', () => plain.stop(drainMs))
  const datagrams = new SyslogUdp({
    host,
    port: ports.udp,
    region,
    maxMessageBytes: bytes(limits.maxMessage),
    tenants,
    intake,
    metrics,
    log,
  })
  const udp = await datagrams.listen()
  lifecycle.onStop('syslog over UDP', () => datagrams.stop())
  return { ...open, tcp, udp }
}

/** Senders get so long to see the end of their connection and to end it too. */
const drainMs = 2_000
