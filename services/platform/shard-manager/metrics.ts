import type { Metrics } from '../../common/metrics/metrics.ts'
import type { Refusal } from '../../common/sharding/fold.ts'
import { type MapContent, phases } from '../../common/sharding/map.ts'
import { imbalance, type ShardLoad } from './loads.ts'

interface Observed {
  /** Undefined before the first version. */
  readonly map: () => MapContent | undefined
  readonly loads: () => readonly ShardLoad[]
  /** Partitions of the topics it reads that lack a replica in sync. */
  readonly underReplicated: () => number
}

/** What the map says, asked for at each scrape; and what counts for nothing. */
export function managerMetrics(metrics: Metrics, { map, loads, underReplicated }: Observed) {
  const of = (read: (content: MapContent) => number) => ({
    read: () => {
      const content = map()
      return content === undefined ? 0 : read(content)
    },
  })
  metrics.gauge(
    'nd_shard_map_version',
    'Version of the shard map that counts.',
    of(({ version }) => version),
  )
  metrics.gauge(
    'nd_shard_slots_waiting',
    'Slots that wait for their move.',
    of(({ rebalance }) => rebalance?.waiting.length ?? 0),
  )
  metrics.gauge(
    'nd_shard_move_oldest_seconds',
    'How long the move that has been longest in its phase has been there.',
    of(({ moves }) => moves.reduce((oldest, { at }) => Math.max(oldest, (Date.now() - at) / 1_000), 0)),
  )
  metrics.gauge('nd_shard_imbalance_ratio', 'The most that a shard carries, in multiples of its fair share.', {
    read: () => (map() === undefined ? 0 : imbalance(loads())),
  })
  metrics.gauge(
    'nd_kafka_under_replicated_partitions',
    'Partitions of events and of the shard map that lack a replica in sync, as the brokers said a minute ago at most.',
    { read: underReplicated },
  )
  const moves = metrics.gauge('nd_shard_moves', 'Slots on the move, by phase.', { labels: ['phase'] })
  const load = metrics.gauge('nd_shard_load_ratio', 'Share of all load that a shard carries, 0 to 1.', {
    labels: ['shard'],
  })
  const owned = metrics.gauge('nd_shard_slots', 'Slots that a shard owns.', { labels: ['shard'] })
  const refused = metrics.counter('nd_shard_map_refused_total', 'Records of the map that count for nothing.', ['why'])
  return {
    /** After a version, or new loads. */
    update(): void {
      const content = map()
      if (content === undefined) return
      for (const phase of phases) moves.set({ phase }, content.moves.filter((move) => move.phase === phase).length)
      load.reset()
      owned.reset()
      for (const row of loads()) {
        load.set({ shard: row.shard }, row.load)
        owned.set({ shard: row.shard }, row.slots)
      }
    },
    refused: (why: Refusal) => refused.inc({ why }),
  }
}
