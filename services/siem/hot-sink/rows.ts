import { decodeRecord } from '../../common/codec/record.ts'
import { type ColumnName, columns } from '../../common/hot-tier/schema.ts'
import { columnsOf, type EventColumns } from './fields.ts'
import type { EventRecord } from './record.ts'
import { RowBinary } from './row-binary.ts'

/** A record and which of its events are rows of the block, as indexes in their order. */
export interface KeptRecord {
  readonly record: EventRecord
  readonly keep: readonly number[]
}

interface Row extends EventColumns {
  readonly tenant: Buffer
  readonly batch: Buffer
  readonly arrival: number
  readonly line: number
  readonly raw: Buffer
}

const write = {
  tenant: (to, { tenant }) => to.text(tenant),
  arrival: (to, { arrival }) => to.milliseconds(arrival),
  time: (to, { time }) => to.milliseconds(time),
  batch: (to, { batch }) => to.text(batch),
  line: (to, { line }) => to.uint32(line),
  channel: (to, { channel }) => to.text(channel),
  code: (to, { code }) => to.text(code),
  provider: (to, { provider }) => to.text(provider),
  host: (to, { host }) => to.text(host),
  raw: (to, { raw }) => to.text(raw),
} as const satisfies Record<ColumnName, (to: RowBinary, row: Row) => void>

/** The columns of an insert, in the order in which rows carry them. */
export const columnOrder = Object.keys(columns) as readonly ColumnName[]
const writers = columnOrder.map((name) => write[name])

/** More than the columns beside `raw` usually take. */
const besideRaw = 160

/** The rows of one record. `maxBytes` bounds what the record may unfold to. */
export function recordRows({ record, keep }: KeptRecord, maxBytes: number): Buffer {
  const { tenant, batch, arrival, lines, events } = decodeRecord(record.value, maxBytes)
  const to = new RowBinary(record.bytes + keep.length * besideRaw)
  const same = { tenant: Buffer.from(tenant), batch: Buffer.from(batch), arrival }
  for (const index of keep) {
    const raw = events[index]!
    const row = { ...same, line: lines[index]!, raw, ...columnsOf(raw, arrival) }
    for (const writer of writers) writer(to, row)
  }
  return to.written
}

/** The rows of a block, made record by record as they are sent, so that a block is never in memory unfolded. */
export function* blockRows(kept: readonly KeptRecord[], maxBytes: number): Generator<Buffer> {
  for (const record of kept) if (record.keep.length > 0) yield recordRows(record, maxBytes)
}
