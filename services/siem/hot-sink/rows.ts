import { isAscii } from 'node:buffer'
import { setImmediate as macrotask } from 'node:timers/promises'
import { type ColumnName, columns } from '../../common/hot-tier/schema.ts'
import { columnsOf, type EventColumns, parsed } from './fields.ts'
import { Bytes, Dictionary, Milliseconds, type NamedColumn, Numbers, nativeBlock, Slice, Texts } from './native.ts'
import type { Content } from './partition-options.ts'
import { type EventRecord, readRecord } from './record.ts'

/** A record and which of its events are rows of the block, as indexes in their order. */
export interface KeptRecord {
  readonly record: EventRecord
  readonly keep: readonly number[] | 'all'
}

export const keptRows = ({ record, keep }: KeptRecord): number => (keep === 'all' ? record.lines.length : keep.length)

/** The columns of an insert, in the order in which a block carries them. */
export const columnOrder = Object.keys(columns) as readonly ColumnName[]

/** A block's columns while they are filled. */
class BlockColumns {
  readonly #rows: number
  readonly #raw = new Slice()
  readonly #of

  constructor(rows: number, bytes: number) {
    this.#rows = rows
    this.#of = {
      tenant: new Dictionary(rows),
      arrival: new Milliseconds(rows),
      time: new Milliseconds(rows),
      batch: new Texts(rows),
      line: new Numbers(32, rows),
      channel: new Dictionary(rows),
      code: new Dictionary(rows),
      provider: new Dictionary(rows),
      host: new Dictionary(rows),
      class_uid: new Numbers(32, rows),
      activity_id: new Numbers(8, rows),
      severity_id: new Numbers(8, rows),
      status_id: new Numbers(8, rows),
      actor_user: new Dictionary(rows),
      target_user: new Dictionary(rows),
      process: new Dictionary(rows),
      src_ip: new Dictionary(rows),
      src_port: new Numbers(16, rows),
      src_host: new Dictionary(rows),
      dst_ip: new Dictionary(rows),
      dst_port: new Numbers(16, rows),
      dst_host: new Dictionary(rows),
      raw: new Bytes(bytes, rows),
    } as const satisfies Record<ColumnName, NamedColumn['column']>
  }

  add(record: EventRecord, index: number, own: EventColumns): void {
    const of = this.#of
    of.tenant.add(record.tenant)
    of.arrival.add(record.arrival)
    of.time.add(own.time)
    of.batch.add(record.batch)
    of.line.add(record.lines[index]!)
    of.channel.add(own.channel)
    of.code.add(own.code)
    of.provider.add(own.provider)
    of.host.add(own.host)
    of.class_uid.add(own.class_uid)
    of.activity_id.add(own.activity_id)
    of.severity_id.add(own.severity_id)
    of.status_id.add(own.status_id)
    of.actor_user.add(own.actor_user)
    of.target_user.add(own.target_user)
    of.process.add(own.process)
    of.src_ip.add(own.src_ip)
    of.src_port.add(own.src_port)
    of.src_host.add(own.src_host)
    of.dst_ip.add(own.dst_ip)
    of.dst_port.add(own.dst_port)
    of.dst_host.add(own.dst_host)
    this.#raw.of = record.bytes
    this.#raw.from = record.offsets[index]!
    this.#raw.to = record.offsets[index + 1]!
    of.raw.add(this.#raw)
  }

  /** Once: what it was made of is given back. */
  block(): Buffer {
    const block = nativeBlock(
      columnOrder.map((name) => ({ name, type: columns[name], column: this.#of[name] })),
      this.#rows,
    )
    this.#of.raw.done()
    return block
  }
}

function addRecord({ record, keep }: KeptRecord, to: BlockColumns): void {
  const { bytes, offsets, arrival } = record
  // One text for all events costs less than one for each, where bytes and characters are the same.
  const whole = isAscii(bytes) ? bytes.toString('latin1') : undefined
  const rows = keptRows({ record, keep })
  for (let i = 0; i < rows; i++) {
    const index = keep === 'all' ? i : keep[i]!
    const [from, end] = [offsets[index]!, offsets[index + 1]!]
    const text = whole === undefined ? bytes.toString('utf8', from, end) : whole.substring(from, end)
    to.add(record, index, columnsOf(parsed(text), arrival))
  }
}

/** So many bytes of events are read at a time before others have their turn. */
const turnBytes = 2 * 2 ** 20

/** The rows of a block, in ClickHouse's Native format. */
export async function blockRows(kept: readonly KeptRecord[]): Promise<Buffer> {
  let rows = 0
  let bytes = 0
  for (const of of kept) {
    rows += keptRows(of)
    bytes += of.record.bytes.length
  }
  const to = new BlockColumns(rows, bytes)
  let turn = 0
  for (const of of kept) {
    addRecord(of, to)
    turn += of.record.bytes.length
    if (turn < turnBytes) continue
    turn = 0
    await macrotask()
  }
  return to.block()
}

/** Events: records of batches, as the collector makes them. */
export const eventContent: Content = { read: readRecord, rows: blockRows }
