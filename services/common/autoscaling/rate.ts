import type { CompleteRules, RatePolicy } from './spec.ts'

/** A change of the count that was made. */
export interface ScaleEvent {
  readonly at: number
  /** How many pods came or went. */
  readonly pods: number
}

/** Changes up and down. */
export interface ScaleEvents {
  readonly up: ScaleEvent[]
  readonly down: ScaleEvent[]
}

/**
 * Keeps a change. As the controller does it, it takes the place of the last one that is older than every period of its own direction, so
 * that the other direction, whose periods may be longer, forgets that one too (storeScaleEvent).
 */
export function keep(events: ScaleEvent[], event: ScaleEvent, { policies }: Pick<CompleteRules, 'policies'>): void {
  const longest = 1_000 * Math.max(0, ...policies.map(({ periodSeconds }) => periodSeconds))
  const place = events.findLastIndex(({ at }) => at < event.at - longest)
  if (place < 0) events.push(event)
  else events[place] = event
}

/** How far the count may go, and by which policy. */
export interface RateLimit {
  readonly replicas: number
  /** Absent: scaling that way is disabled. */
  readonly policy?: RatePolicy
}

function changed(events: readonly ScaleEvent[], now: number, { periodSeconds }: RatePolicy): number {
  let pods = 0
  for (const event of events) if (event.at > now - periodSeconds * 1_000) pods += event.pods
  return pods
}

/** What a policy allows, from the count at the start of its period. Percentages round up both ways: towards more pods up, towards fewer down. */
const allowed = {
  up: (start: number, { type, value }: RatePolicy): number =>
    type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100)),
  down: (start: number, { type, value }: RatePolicy): number =>
    type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100)),
} as const

/**
 * The furthest count in that direction (calculateScaleUpLimitWithScalingRules, calculateScaleDownLimitWithBehaviors); never on the other
 * side of the current one.
 */
export function rateLimit(
  direction: 'up' | 'down',
  current: number,
  now: number,
  events: ScaleEvents,
  { selectPolicy, policies }: CompleteRules,
): RateLimit {
  if (selectPolicy === 'Disabled') return { replicas: current }
  const farther = (a: number, b: number): boolean => (direction === 'up' ? a > b : a < b)
  let best: RateLimit | undefined
  for (const policy of policies) {
    const start = current - changed(events.up, now, policy) + changed(events.down, now, policy)
    const replicas = allowed[direction](start, policy)
    if (!best || (selectPolicy === 'Max' ? farther(replicas, best.replicas) : farther(best.replicas, replicas)))
      best = { replicas, policy }
  }
  if (!best) return { replicas: current }
  return farther(current, best.replicas) ? { ...best, replicas: current } : best
}
