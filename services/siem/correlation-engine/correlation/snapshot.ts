import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Entry } from './entry.ts'
import type { Group } from './group.ts'
import type { CorrelationRule } from './rule.ts'
import type { Table } from './table.ts'
import type { Tenant } from './tenant.ts'
import { type GroupValue, joinedKey, valueKey } from './values.ts'

/** A snapshot that cannot be read. A retry does not help. */
export class SnapshotError extends Error {
  readonly code = 'BAD_SNAPSHOT'
}

/** The first byte. A reader refuses others. */
const version = 1

/** -Infinity and Infinity as null: JSON has neither, and where one can stand the other cannot. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** Columns of a group's entries; times as steps from one to the next. */
interface GroupImage {
  values: readonly GroupValue[]
  steps: number[]
  refs: string[]
  masks?: number[]
  measured?: (number | string | null)[]
  carry?: (readonly unknown[])[]
  evidence?: (readonly string[])[]
  occurred?: number[]
  reported?: number[]
  late?: [number, number]
  /** When the first window is over that is still to be asked. */
  due?: number
  front?: (number | null)[][]
}

interface TableImage {
  rule: string
  fingerprint: string
  groups: GroupImage[]
}

interface TenantImage {
  name: string
  newest: number | null
  latest: number | null
  settled: number | null
  arrival: number | null
  tables: TableImage[]
}

interface Image {
  clock: number | null
  tenants: TenantImage[]
}

function imageOf(group: Group): GroupImage {
  const { entries, values, reported, late, front, rule } = group
  const image: GroupImage = { values, steps: [], refs: [] }
  let last = 0
  for (const { time, ref } of entries) {
    image.steps.push(time - last)
    image.refs.push(ref)
    last = time
  }
  if (rule.type.startsWith('temporal')) image.masks = entries.map(({ mask }) => mask)
  if (rule.type.startsWith('value_')) image.measured = entries.map(({ value }) => value ?? null)
  if (rule.carry.length > 0) image.carry = entries.map(({ carry }) => carry ?? [])
  if (entries.some(({ evidence }) => evidence)) image.evidence = entries.map(({ evidence }) => evidence ?? [])
  const occurred = [...entries.keys()].filter((at) => (entries[at] as Entry).occurred)
  if (occurred.length > 0) image.occurred = occurred
  if (reported.length > 0) image.reported = reported
  if (Number.isFinite(late.from)) image.late = [late.from, late.to]
  if (group.opens !== 0 && Number.isFinite(group.due)) image.due = group.due
  const saved = front?.measure.save()
  if (saved) image.front = saved
  return image
}

export function writeSnapshot(clock: number, tenants: Iterable<Tenant>): Buffer {
  const image: Image = { clock: finite(clock), tenants: [] }
  for (const { name, newest, latest, settled, arrival, tables } of tenants) {
    const images: TableImage[] = []
    for (const table of tables) {
      if (!table || table.size === 0) continue
      const { id, fingerprint } = table.rule
      images.push({ rule: id, fingerprint, groups: [...table.groups()].map(imageOf) })
    }
    image.tenants.push({
      name,
      newest: finite(newest),
      latest: finite(latest),
      settled: finite(settled),
      arrival: finite(arrival),
      tables: images,
    })
  }
  const packed = zstdCompressSync(JSON.stringify(image), { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
  return Buffer.concat([Buffer.of(version), packed])
}

function fill(table: Table, image: GroupImage, settled: number): number {
  const group = table.add(joinedKey(image.values.map(valueKey)), image.values)
  let time = 0
  for (const [at, step] of image.steps.entries()) {
    time += step
    const evidence = image.evidence?.[at]
    group.insert({
      time,
      ref: image.refs[at] as string,
      mask: image.masks?.[at] ?? 1,
      value: image.measured?.[at] ?? undefined,
      carry: image.carry?.[at],
      evidence: evidence && evidence.length > 0 ? evidence : undefined,
      occurred: false,
    })
  }
  for (const at of image.occurred ?? []) (group.entries[at] as Entry).occurred = true
  group.reported = image.reported ?? []
  if (group.front) {
    group.front.stand(group.entries)
    if (image.front) group.front.measure.restore(image.front)
    if (image.late) {
      group.late = { from: image.late[0], to: image.late[1] }
      const due = group.entries.find((entry) => entry.time >= Math.max(group.late.from, settled))
      if (due) table.owe(group, due.time)
    }
  } else if (group.opens !== 0) {
    if (image.due !== undefined) table.owe(group, image.due)
  } else if (group.sweep) {
    group.sweep.seek(group.entries, settled)
    const due = group.entries[group.sweep.next]
    if (due) table.owe(group, due.time)
  }
  return group.entries.length
}

/** The state of a snapshot for `rules`, and the ids of rules in it that are not among them. Throws SnapshotError. */
export function readSnapshot(
  snapshot: Buffer,
  rules: readonly CorrelationRule[],
  newTable: (rule: CorrelationRule) => Table,
): { clock: number; tenants: Tenant[]; dropped: string[] } {
  if (snapshot[0] !== version)
    throw new SnapshotError(`The snapshot is of version ${snapshot[0] ?? 'none'}, and this engine reads ${version}.`)
  let image: Image
  try {
    image = JSON.parse(zstdDecompressSync(snapshot.subarray(1)).toString()) as Image
  } catch (cause) {
    throw new SnapshotError('The snapshot is damaged.', { cause })
  }
  const dropped = new Set<string>()
  const positions = new Map(rules.map(({ id, fingerprint }, index) => [`${fingerprint} ${id}`, index]))
  const tenants = image.tenants.map((saved): Tenant => {
    const tenant: Tenant = {
      name: saved.name,
      newest: saved.newest ?? Number.NEGATIVE_INFINITY,
      latest: saved.latest ?? Number.NEGATIVE_INFINITY,
      settled: saved.settled ?? Number.NEGATIVE_INFINITY,
      arrival: saved.arrival ?? Number.POSITIVE_INFINITY,
      entries: 0,
      tables: [],
    }
    for (const { rule, fingerprint, groups } of saved.tables) {
      const index = positions.get(`${fingerprint} ${rule}`)
      if (index === undefined) {
        dropped.add(rule)
        continue
      }
      const table = newTable(rules[index] as CorrelationRule)
      tenant.tables[index] = table
      for (const group of groups) table.entries += fill(table, group, tenant.settled)
      tenant.entries += table.entries
    }
    return tenant
  })
  return { clock: image.clock ?? Number.POSITIVE_INFINITY, tenants, dropped: [...dropped] }
}
