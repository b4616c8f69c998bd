import { objectives } from '../../../../policies/objectives.ts'
import { type Alert, decodeAlert } from '../../../common/alerts/alert.ts'
import type { MemoryBus, MemorySoleConsumer } from '../../../common/bus/memory.ts'
import { encodeRecord } from '../../../common/codec/record.ts'
import { silentLog } from '../../../common/log/log.ts'
import { placeKey, type RecordPlace } from '../../../common/sharding/place-key.ts'
import type { MoveReport } from '../../../common/sharding/report.ts'
import { partitionOf, slotOf } from '../../../common/sharding/slot.ts'
import { type Tracer, untraced } from '../../../common/tracing/tracer.ts'
import { correlatorOptions } from '../correlation/index.ts'
import { CostWatch } from '../cost-watch.ts'
import { Detector } from '../detector.ts'
import { Engine } from '../engine.ts'
import type { EngineCounts } from '../metrics.ts'
import { makePack, type Pack } from '../pack.ts'
import { windows } from '../sigma/index.ts'

export const partitions = 4

/** A rule that matches events of a process, one that counts failures by user, and one that needs two in order. */
export const rules = `
title: Encoded command
id: 00000000-0000-0000-0000-000000000001
author: a tester
level: high
tags: [attack.t1059]
logsource: {product: windows, category: process_creation}
detection:
  selection: {CommandLine|contains: ' -enc '}
  condition: selection
---
title: A failed logon
id: 00000000-0000-0000-0000-000000000002
name: failed_logon
level: low
logsource: {product: windows, service: security}
detection:
  selection: {EventID: 4625}
  condition: selection
---
title: Many failed logons
id: 00000000-0000-0000-0000-000000000003
level: medium
correlation:
  type: event_count
  rules: [failed_logon]
  group-by: [TargetUserName]
  timespan: 5m
  condition: {gte: 3}
`

export const pack = (text = rules, file = 'test.yml'): Pack =>
  makePack([{ file, text }], windows, objectives.correlation.eventsPerGroup)

export const noEngineCounts = (): EngineCounts & { readonly seen: Record<string, number> } => {
  const seen: Record<string, number> = {}
  const count = (name: string, by = 1) => {
    seen[name] = (seen[name] ?? 0) + by
  }
  return {
    seen,
    events: (n) => count('events', n),
    matches: (n) => count('matches', n),
    unreadable: (reason) => count(`unreadable ${reason}`),
    published: () => count('published'),
    repeated: () => count('repeated'),
    failed: (reason) => count(`failed ${reason}`),
    isolated: () => count('isolated'),
    late: (n) => count('late', n),
    snapshot: () => count('snapshot'),
    reloaded: (result) => count(`reloaded ${result}`),
  }
}

/** An event that fails to log on, at a second after the start. */
export const failed = (user: string, second: number) => ({
  Channel: 'Security',
  EventID: 4625,
  '@timestamp': new Date(start + second * 1_000).toISOString(),
  TargetUserName: user,
})
export const encoded = (second: number) => ({
  Channel: 'Microsoft-Windows-Sysmon/Operational',
  EventID: 1,
  '@timestamp': new Date(start + second * 1_000).toISOString(),
  CommandLine: 'powershell -enc AAAA',
})
export const start = Date.UTC(2026, 10, 28)

/** Appends one record of a tenant's events, as the collector does. */
export function sendEvents(
  bus: MemoryBus,
  tenant: string,
  batch: string,
  events: readonly unknown[],
  arrival = start,
  how: Partial<RecordPlace> & { readonly traceparent?: string } = {},
): void {
  const slot = slotOf(tenant)
  const { traceparent, ...place } = how
  bus.append({
    topic: 'events.raw',
    partition: partitionOf(slot, partitions),
    key: placeKey({ slot, since: 0, again: false, ...place }),
    ...(traceparent === undefined ? {} : { traceparent }),
    value: encodeRecord({
      tenant,
      batch,
      arrival,
      lines: events.map((_, i) => i),
      events: events.map((event) => Buffer.from(JSON.stringify(event))),
    }),
  })
}

export const alertsIn = (bus: MemoryBus): readonly Alert[] =>
  bus.records('alerts').map(({ value }) => decodeAlert(value)!)

/** A shard on a bus in memory, all slots its own. `crash` leaves it as it is and starts nothing in its place. */
export class TestShard {
  readonly counts = noEngineCounts()
  readonly consumer: MemorySoleConsumer
  readonly detector: Detector
  readonly engine: Engine
  version = 0
  moves: readonly MoveReport[] = []

  constructor(
    bus: MemoryBus,
    options: {
      readonly pack?: Pack
      readonly shard?: number
      readonly remembered?: number
      readonly partitions?: number
      readonly tracer?: Tracer
    } = {},
  ) {
    const { shard = 0, remembered = 100, partitions: count = partitions, tracer = untraced } = options
    this.consumer = bus.soleConsumer(`correlation-engine.${shard}`, 'events.raw')
    this.detector = new Detector(options.pack ?? pack(), {
      correlator: correlatorOptions(objectives.correlation),
      maxRecordBytes: 2 ** 24,
      maxEvidenceBytes: 4_096,
      watch: new CostWatch({ slowMs: 1_000, strikes: 3, log: silentLog, isolated: () => this.counts.isolated() }),
      counts: this.counts,
    })
    this.engine = new Engine({
      consumer: this.consumer,
      producer: bus.producer(),
      readers: {
        events: bus.reader('events.raw'),
        state: bus.reader('correlation.state'),
        alerts: bus.reader('alerts'),
      },
      detector: this.detector,
      partitions: count,
      limits: { saveMs: 2 ** 30, remembered, waiting: 1_000, maxLag: 10 },
      report: (version, moves) => {
        this.version = version
        this.moves = moves
      },
      counts: this.counts,
      log: silentLog,
      tracing: { tracer, alerts: 3 },
    })
  }

  async start(slots: readonly number[] = Array.from({ length: 4_096 }, (_, slot) => slot)): Promise<this> {
    await this.engine.start()
    await this.engine.obey(1, new Map(slots.map((slot) => [slot, { do: 'own', epoch: 1 }])))
    return this
  }

  /** Looks at everything that is there, and waits until its alerts are written. */
  async settle(most?: number): Promise<void> {
    while ((await this.consumer.poll(most)) > 0);
    await this.published()
  }

  async published(): Promise<void> {
    await Promise.all([...this.engine.held.values()].map(({ options }) => options.publisher.drained()))
  }

  /** As SIGKILL: nothing more is done. */
  crash(): void {
    for (const partition of this.engine.held.values()) partition.end()
  }
}
