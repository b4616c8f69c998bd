import type { CanaryStatus } from '../../../../policies/model/ml-inference.ts'
import { over } from './desired.ts'

/** How far the walk that is furthest past its deadline is, in seconds; 0 when none is. Pauses count: a paused walk's deadline moves when it goes on. */
export const overdueSeconds = (walks: readonly CanaryStatus[], now: Date): number =>
  Math.max(0, ...walks.map((walk) => (!over(walk) ? (now.getTime() - Date.parse(walk.deadline)) / 1_000 : 0)))
