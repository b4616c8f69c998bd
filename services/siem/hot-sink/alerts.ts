import { type Alert, decodeAlert } from '../../common/alerts/alert.ts'
import type { ConsumedRecord } from '../../common/bus/bus.ts'
import { latest } from '../../common/events/time.ts'
import { type AlertColumnName, alertColumns, alertsTable } from '../../common/hot-tier/alerts.ts'
import type { StoredTable } from './hot-tier.ts'
import { Dictionary, Lists, Milliseconds, type NamedColumn, Numbers, nativeBlock, Texts, Tuples } from './native.ts'
import type { Content } from './partition-options.ts'
import { unreadableRecord, type WaitingRecord } from './record.ts'
import type { KeptRecord } from './rows.ts'

/** The table of alerts: an alert is a batch of its own with one line, so that it is known by tenant and id. */
export const alerts: StoredTable = {
  name: alertsTable,
  columns: Object.keys(alertColumns),
  batch: 'alert',
  lines: '[0]',
}

const onlyLine = [0]

/** An alert that waits for its block, as a record of one event whose batch is the alert's id. Its age decides the partition of the table. */
function readAlert(record: ConsumedRecord, maxBytes: number, takenAt: number): WaitingRecord {
  const { offset, value } = record
  if (value.length > maxBytes) return unreadableRecord(record, takenAt, 'TOO_LARGE')
  const alert = decodeAlert(value)
  if (alert === undefined) return unreadableRecord(record, takenAt, 'NOT_A_RECORD')
  const { tenant, id, time, start, detected, hits } = alert
  const inRange = [time, start, detected].every((at) => at >= 0 && at <= latest) && hits >= 0 && hits < 2 ** 32
  if (!inRange || alert.events.some(([, line]) => line >= 2 ** 32))
    return unreadableRecord(record, takenAt, 'OUT_OF_RANGE')
  const own = Buffer.from(value)
  return {
    kind: 'events',
    offset,
    takenAt,
    since: 0,
    tenant,
    batch: id,
    arrival: detected,
    lines: onlyLine,
    bytes: own,
    offsets: Uint32Array.of(0, own.length),
    value: own,
  }
}

const columns = (rows: number) =>
  ({
    tenant: new Dictionary(rows),
    time: new Milliseconds(rows),
    start: new Milliseconds(rows),
    detected: new Milliseconds(rows),
    alert: new Texts(rows),
    rule: new Dictionary(rows),
    title: new Dictionary(rows),
    author: new Dictionary(rows),
    level: new Dictionary(rows),
    kind: new Dictionary(rows),
    tags: new Lists(new Texts(rows)),
    group_values: new Texts(rows),
    hits: new Numbers(32, rows),
    events: new Lists(new Tuples([new Texts(rows), new Numbers(32, rows)])),
  }) as const satisfies Record<AlertColumnName, NamedColumn['column']>

/** What the block says of a column's type where that differs from the table's: the engine makes the dictionary itself. */
const sentAs: Partial<Record<AlertColumnName, string>> = { tags: 'Array(String)' }

function alertRows(kept: readonly KeptRecord[]): Buffer {
  const all = kept
    .filter(({ keep }) => keep === 'all' || keep.length > 0)
    .map(({ record }) => decodeAlert(record.value) as Alert)
  const of = columns(all.length)
  for (const alert of all) {
    of.tenant.add(alert.tenant)
    of.time.add(alert.time)
    of.start.add(alert.start)
    of.detected.add(alert.detected)
    of.alert.add(alert.id)
    of.rule.add(alert.rule)
    of.title.add(alert.title)
    of.author.add(alert.author ?? '')
    of.level.add(alert.level)
    of.kind.add(alert.kind)
    of.tags.add(alert.tags)
    of.group_values.add(JSON.stringify(alert.group))
    of.hits.add(alert.hits)
    of.events.add(alert.events)
  }
  const named = Object.entries(alertColumns).map(([name, type]) => ({
    name,
    type: sentAs[name as AlertColumnName] ?? type,
    column: of[name as AlertColumnName],
  }))
  return nativeBlock(named, all.length)
}

export const alertContent: Content = { read: readAlert, rows: async (kept) => alertRows(kept) }
