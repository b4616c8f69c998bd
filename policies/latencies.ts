import type { Policies } from './bundle.ts'
import { milliseconds } from './model/units.ts'

/** Proxies count whole milliseconds, cut off; and above 100 of them in two significant digits. */
const twoDigits = (bound: number): number => {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(bound)) - 1)
  return Math.ceil(bound / unit) * unit
}

/**
 * The bounds, in milliseconds, at which proxies count how long requests took, up to the longest that a call of the service with canaries may take:
 * each is the last one, slower by as much as a candidate may be. Envoy's own are 2 to 2.5 times apart, and would hide twice as slow.
 */
export function latencyBounds({ traffic: { canary, calls } }: Pick<Policies, 'traffic'>): readonly number[] {
  const call = calls[canary.service]
  const most = call?.protocol === 'http' ? milliseconds(call.timeout) : 0
  const slower = 1 + canary.judged.maxLatencyIncrease
  const bounds = [1]
  // One more of the cut off millisecond on either side: "longer than 4" is "5 and more".
  for (let last = 1; last < most; bounds.push(last)) last = twoDigits(Math.max(last + 1, slower * (last + 1) - 1))
  return bounds
}
