import {
  type MapContent,
  type Move,
  nobody,
  type PastChange,
  type Rebalance,
  replacedTenants,
} from '../../common/sharding/map.ts'
import type { Progress, ShardReport } from '../../common/sharding/report.ts'

export interface AdvanceLimits {
  /** Slots on the move at once. */
  readonly inFlight: number
  /** A move that is not cut by then is given up, milliseconds. */
  readonly stalledMs: number
}

/** How many past changes a map tells of. */
const pastChanges = 100

/** The same, one version later; what differs in `change`. */
export function successor(map: MapContent, at: number, change: Partial<MapContent> = {}): MapContent {
  const version = map.version + 1
  const next = { ...map, ...change, version, at }
  const replaced = replacedTenants(map, next)
  if (replaced.length === 0) return next
  return { ...next, usedSince: new Map([...map.usedSince, ...replaced.map((tenant) => [tenant, version] as const)]) }
}

type Said = (shard: number) => ShardReport | undefined

/** Whether a shard says this of its part in a move, having seen the version that asked for it. */
function says(said: Said, shard: number, move: Move, is: Progress) {
  const report = said(shard)
  if (report === undefined || report.map < move.since) return undefined
  return report.moves.find((one) => one.move === move.id && one.is === is)
}

/** The phase that a move's shards allow next, `done` after the last, or nothing. */
function stepOf(move: Move, said: Said): Pick<Move, 'phase' | 'cut'> | 'done' | undefined {
  const { from, to, phase } = move
  switch (phase) {
    case 'prepare':
      return says(said, to, move, 'ready') && { phase: 'copy' }
    case 'copy':
      return says(said, from, move, 'copied') && { phase: 'catch-up' }
    case 'catch-up':
      return says(said, to, move, 'caught-up') && { phase: 'cutover' }
    case 'cutover': {
      const stopped = says(said, from, move, 'stopped')
      return stopped?.offset === undefined ? undefined : { phase: 'drain', cut: stopped.offset }
    }
    case 'drain':
      return says(said, from, move, 'forgotten') && says(said, to, move, 'owned') && 'done'
    default:
      return phase satisfies never
  }
}

const isAbortable = ({ phase }: Move): boolean => phase === 'prepare' || phase === 'copy' || phase === 'catch-up'

/**
 * The next version that what the shards say allows, or undefined: nothing has changed. It depends on the map and what is said now, on nothing
 * that a manager remembers: whoever reads the map after a crash goes on from there.
 */
export function advance(map: MapContent, said: Said, now: number, limits: AdvanceLimits): MapContent | undefined {
  const version = map.version + 1
  const owners = Uint16Array.from(map.owners)
  const epochs = Uint32Array.from(map.epochs)
  const moves: Move[] = []
  let { done = 0, aborted = 0, waiting = [] } = map.rebalance ?? {}
  let changed = false
  for (const move of map.moves) {
    const stalled = isAbortable(move) && now - move.at > limits.stalledMs
    const step = stepOf(move, said)
    if (isAbortable(move) && (map.rebalance?.aborting || (stalled && step === undefined))) aborted++
    else if (step === 'done') done++
    else if (step === undefined) {
      moves.push(move)
      continue
    } else {
      if (step.phase === 'cutover') {
        owners[move.slot] = move.to
        epochs[move.slot]!++
      }
      moves.push({ ...move, ...step, since: version, at: now })
    }
    changed = true
  }
  if (map.rebalance?.aborting && waiting.length > 0) {
    aborted += waiting.length
    waiting = []
    changed = true
  }
  while (waiting.length > 0 && moves.length < limits.inFlight) {
    const [[slot, to], ...rest] = waiting as [readonly [number, number], ...(readonly [number, number])[]]
    const from = owners[slot]!
    waiting = rest
    changed = true
    if (from === to || from === nobody) done++
    else moves.push({ id: `${version}-${slot}`, slot, from, to, phase: 'prepare', since: version, at: now })
  }
  const placements = map.placements.map((placement) => {
    const { active, slots, since } = placement
    if (active || !slots.every((slot) => (said(owners[slot]!)?.map ?? 0) >= since)) return placement
    changed = true
    return { ...placement, active: true }
  })
  const over = map.rebalance !== undefined && moves.length === 0 && waiting.length === 0
  if (!changed && !over) return undefined
  const { rebalance, ...rest } = map
  const left: { rebalance?: Rebalance; history: readonly PastChange[] } =
    rebalance === undefined
      ? { history: map.history }
      : over
        ? { history: [...map.history, past({ ...rebalance, done, aborted }, now, version)].slice(-pastChanges) }
        : { rebalance: { ...rebalance, done, aborted, waiting }, history: map.history }
  return successor(rest, now, { ...left, owners, epochs, moves, placements })
}

function past({ id, cause, actor, started, done, aborted }: Rebalance, ended: number, version: number): PastChange {
  return { id, cause, actor, started, ended, moved: done, outcome: aborted > 0 ? 'aborted' : 'done', version }
}
