import type { ClockProblem } from '../../common/formats/event.ts'

export interface ClockLimits {
  /** Milliseconds. */
  readonly aheadMs: number
  readonly behindMs: number
}

/** How an event's time is out of bounds, seen from its arrival; both milliseconds since the epoch. */
export function clockProblem(
  time: number,
  arrival: number,
  { aheadMs, behindMs }: ClockLimits,
): ClockProblem | undefined {
  if (time > arrival + aheadMs) return 'FUTURE'
  return time < arrival - behindMs ? 'PAST' : undefined
}
