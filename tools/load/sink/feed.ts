import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { encodeRecord } from '../../../services/common/codec/record.ts'
import { partitionOf, slotOf } from '../../../services/common/sharding/slot.ts'

const sample = new URL('../sample/windows-host-events.ndjson.gz', import.meta.url)
/** What a shortened event keeps. */
const always = new Set(['EventID', 'Channel', 'Hostname', 'TimeCreated', 'SourceName'])

/** The real event without its text and without so many of its last fields that it has at most `bytes`. */
function shortened(line: string, bytes: number): string {
  const event = JSON.parse(line) as Record<string, unknown>
  delete event.Message
  let text = JSON.stringify(event)
  for (const name of Object.keys(event).reverse()) {
    if (text.length <= bytes) break
    if (always.has(name)) continue
    delete event[name]
    text = JSON.stringify(event)
  }
  return text
}

/** Real events: as they are (2.3 KB each), or shortened to about 400 bytes. */
export function realEvents(size: 'short' | 'whole'): readonly Buffer[] {
  const lines = gunzipSync(readFileSync(sample)).toString().split('\n').filter(Boolean)
  return lines.map((line) => Buffer.from(size === 'whole' ? line : shortened(line, 430)))
}

export interface Feed {
  readonly partition: number
  readonly value: Buffer
}

export interface FeedOptions {
  readonly events: readonly Buffer[]
  readonly count: number
  readonly perRecord: number
  readonly partitions: number
  readonly tenants: number
  /** In the batches' ids. */
  readonly run: string
}

/** Records as the collector writes them, each of a tenant in turn, in the tenant's partition. */
export function feed({ events, count, perRecord, partitions, tenants, run }: FeedOptions): readonly Feed[] {
  const records: Feed[] = []
  for (let sent = 0; sent < count; sent += perRecord) {
    const tenant = `tenant-${records.length % tenants}`
    const own = Array.from({ length: Math.min(perRecord, count - sent) }, (_, i) => events[(sent + i) % events.length]!)
    const value = encodeRecord({
      tenant,
      batch: `${run}-${records.length}`,
      arrival: Date.now(),
      lines: own.map((_, line) => line),
      events: own,
    })
    records.push({ partition: partitionOf(slotOf(tenant), partitions), value })
  }
  return records
}
