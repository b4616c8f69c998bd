import type { Consumer } from '../../../common/bus/bus.ts'
import { BusError } from '../../../common/bus/errors.ts'
import type { MemoryBus, MemoryConsumer } from '../../../common/bus/memory.ts'
import { silentLog } from '../../../common/log/log.ts'
import { createMetrics } from '../../../common/metrics/metrics.ts'
import type { ShardMap } from '../../../common/sharding/map.ts'
import { HotTierError } from '../errors.ts'
import type { HotTier } from '../hot-tier.ts'
import { Placements } from '../placements.ts'
import { eventContent } from '../rows.ts'
import { Sink } from '../sink.ts'
import { Member, type Script } from './faults.ts'

export const topic = 'events.raw'

export interface SinkSize {
  readonly maxRows: number
  readonly maxBytes: number
  readonly room: number
}

export interface ProcessOptions {
  readonly bus: MemoryBus
  readonly store: HotTier
  readonly script: Script
  readonly size: SinkSize
  readonly kafka: MemoryConsumer
  /** What the process knows of the shard map, and how it learns what others have committed. Default: there is no map. */
  readonly placed?: {
    readonly maps: { readonly current: ShardMap | undefined }
    readonly partitions: number
    readonly committed: Consumer['committed']
  }
}

/** A sink that may be killed, paused or not answered at every step, on the shared bus and hot tier. */
export function startProcess({ bus, store, script, size, kafka, placed }: ProcessOptions) {
  const member = new Member(script)
  const { maxRows, maxBytes, room } = size
  const lost = () => new BusError('UNAVAILABLE', 'lost')
  const away = () => new HotTierError('UNAVAILABLE', 'away')
  const consumer: Consumer = {
    run: (handler) => kafka.run(handler),
    commit: async (partition, offset, metadata) => {
      member.refuseIfDead()
      await member.step(
        'commit',
        async () => {
          member.refuseIfDead()
          await kafka.commit(partition, offset, metadata)
        },
        lost,
      )
    },
    committed: (of) => kafka.committed(of),
    endOffsets: () => kafka.endOffsets(),
    pause: (partition) => kafka.pause(partition),
    resume: (partition) => kafka.resume(partition),
    healthy: true,
    close: () => kafka.close(),
  }
  const hotTier: HotTier = {
    prepare: (signal) => member.step('prepare', () => store.prepare(signal), away),
    stored: (batches, signal) => member.step('ask', () => store.stored(batches, signal), away),
    insert: (token, rows, signal) => member.step('insert', () => store.insert(token, rows, signal), away),
  }
  const producer = bus.producer()
  const placements = placed && {
    ...placed,
    consumer: { committed: (of: readonly number[]) => member.step('look', () => placed.committed(of), lost) },
    producer: {
      send: (records: Parameters<typeof producer.send>[0]) => member.step('move', () => producer.send(records), lost),
    },
    pollMs: 1,
  }
  const sink = new Sink({
    topic,
    consumer,
    producer: { send: (records) => member.step('letter', () => producer.send(records), lost) },
    hotTier,
    content: eventContent,
    ...(placements ? { placements: new Placements(placements) } : {}),
    limits: { maxRows, maxBytes, maxDelayMs: 1, partitionBy: 'day', maxRecordBytes: 10_000 },
    room: { partition: room, total: room },
    concurrency: 2,
    lagMaxAgeMs: 0,
    metrics: createMetrics({ process: false }),
    log: silentLog,
    retry: { soon: { firstMs: 0, mostMs: 1 }, later: { firstMs: 0, mostMs: 1 } },
  })
  const started = sink.start()
  return { member, kafka, sink, started }
}

export type Process = ReturnType<typeof startProcess>
