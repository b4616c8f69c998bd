import type { MapContent, Move, Placement, Rebalance } from '../../services/common/sharding/map.ts'
import { table } from '../region/query.ts'

export interface Row {
  readonly shard: number
  readonly weight: number
  readonly load: number
  readonly fair: number
  readonly slots: number
  readonly partitions: number
}

/** The map as the manager's API tells it: big numbers as texts, lists as their lengths where only that matters. */
export interface Progress extends Pick<MapContent, 'version'> {
  readonly moves: readonly Pick<Move, 'slot' | 'from' | 'to' | 'phase'>[]
  readonly rebalance?: Omit<Rebalance, 'actor' | 'started' | 'waiting'> & { readonly waiting: number }
}

export interface MapAnswer extends Progress {
  readonly imbalance: number
  readonly shards: readonly (Row & { readonly seen?: number; readonly region?: string })[]
  readonly placements: readonly (Pick<Placement, 'tenant' | 'class' | 'region' | 'slots' | 'active'> & {
    readonly owners: readonly number[]
  })[]
}

export interface OfferAnswer {
  readonly plan: string
  readonly base: number
  readonly moves: number
  readonly moved: number
  readonly findings: readonly string[]
  readonly before: readonly Row[]
  readonly after: readonly Row[]
}

export type HistoryAnswer = Pick<MapContent, 'history'>

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** One line of how far a rebalance is. */
export function progressLine({ version, moves, rebalance }: Progress): string {
  if (!rebalance) return `version ${version}: nothing is under way`
  const { id, total, done, aborted, waiting, aborting } = rebalance
  const phases = Object.entries(Object.groupBy(moves, ({ phase }) => phase)).map(([p, some]) => `${some!.length} ${p}`)
  const gone = aborted > 0 ? `, ${aborted} given up` : ''
  return `${id}${aborting ? ' (giving up)' : ''}: ${done} of ${total} done${gone}, ${waiting} waiting${phases.length > 0 ? `, ${phases.join(', ')}` : ''} (version ${version})`
}

export function showMap(map: MapAnswer): string {
  const shards = table({
    columns: ['shard', 'region', 'weight', 'load', 'fair', 'slots', 'partitions', 'version seen'],
    rows: map.shards.map((s) => [
      s.shard,
      s.region,
      s.weight,
      percent(s.load),
      percent(s.fair),
      s.slots,
      s.partitions,
      s.seen ?? 'never',
    ]),
  })
  const placed = table({
    columns: ['tenant', 'class', 'region', 'slots', 'shards', 'state'],
    rows: map.placements.map((p) => [
      p.tenant,
      p.class,
      p.region ?? '',
      p.slots.length,
      [...new Set(p.owners)].toSorted((a, b) => a - b).join(','),
      p.active ? 'in use' : 'getting ready',
    ]),
  })
  return [
    shards,
    `imbalance ${map.imbalance.toFixed(2)} (1 is even)`,
    ...(map.placements.length > 0 ? ['', placed] : []),
    '',
    progressLine(map),
  ].join('\n')
}

export function showOffer({ plan, base, moves, moved, findings, before, after }: OfferAnswer): string {
  const was = new Map(before.map((row) => [row.shard, row]))
  const rows = after.map((row) => {
    const old = was.get(row.shard)
    return [
      row.shard,
      row.weight,
      percent(old?.load ?? 0),
      percent(row.load),
      percent(row.fair),
      old?.slots ?? 0,
      row.slots,
      row.partitions,
    ]
  })
  return [
    `plan ${plan} for version ${base}: ${moves} slots move, ${percent(moved)} of the load`,
    table({ columns: ['shard', 'weight', 'load now', 'then', 'fair', 'slots now', 'then', 'partitions'], rows }),
    ...findings.map((finding) => `! ${finding}`),
  ].join('\n')
}

export const showHistory = ({ history }: HistoryAnswer): string =>
  history.length === 0
    ? 'Nothing has been done yet.'
    : table({
        columns: ['id', 'ended', 'took', 'moved', 'outcome', 'version', 'by', 'cause'],
        rows: history.map((h) => [
          h.id,
          new Date(h.ended).toISOString(),
          `${((h.ended - h.started) / 1_000).toFixed(1)}s`,
          h.moved,
          h.outcome,
          h.version,
          h.actor,
          h.cause,
        ]),
      })
