import type { Committed, ConsumedRecord, Producer } from '../../common/bus/bus.ts'
import type { Log } from '../../common/log/log.ts'
import type { Tracer } from '../../common/tracing/tracer.ts'
import type { BackOffLimits } from './back-off.ts'
import type { BlockLimits } from './block.ts'
import type { HotTier } from './hot-tier.ts'
import type { SinkMetrics } from './metrics.ts'
import type { Placements } from './placements.ts'
import type { WaitingRecord } from './record.ts'
import type { KeptRecord } from './rows.ts'
import type { Semaphore } from './semaphore.ts'

export interface SinkLimits extends BlockLimits {
  /** How long a record waits for its block to fill. */
  readonly maxDelayMs: number
  /** What one record may unfold to. */
  readonly maxRecordBytes: number
}

/** What a topic's records are, and which rows they become. Their identity, tenant, batch and line, is what must not stand twice. */
export interface Content {
  /** Looks into a record once. Never throws: what cannot be read says why. `maxBytes` bounds what it may unfold to. */
  read(record: ConsumedRecord, maxBytes: number, takenAt: number): WaitingRecord
  /** The rows of a block, in ClickHouse's Native format. */
  rows(kept: readonly KeptRecord[]): Promise<Buffer>
}

/** Pauses after a failure that passes soon, and after one that does not. */
export interface RetryLimits {
  readonly soon: BackOffLimits
  readonly later: BackOffLimits
}

export interface PartitionOptions {
  readonly topic: string
  readonly partition: number
  readonly committed: Committed | undefined
  readonly commit: (offset: bigint, metadata: string) => Promise<void>
  readonly hotTier: HotTier
  readonly content: Content
  /** Takes the dead letters. */
  readonly producer: Pick<Producer, 'send'>
  /** Which records are stored from here. Default: all that are here. */
  readonly placements?: Pick<Placements, 'version' | 'judge' | 'settled' | 'move'>
  /** How many blocks are stored at once, over all partitions. */
  readonly places: Semaphore
  /** Of one place: rows of two blocks made at once would take the memory of two, and no less time. */
  readonly making: Semaphore
  readonly limits: SinkLimits
  readonly retry: RetryLimits
  readonly metrics: SinkMetrics
  readonly log: Log
  /** Default: nothing is traced. */
  readonly tracer?: Tracer
  /** Called when what this partition holds, or may hold, has changed. */
  readonly changed: () => void
}
