import type { ObjectivesPolicy } from '../../../policies/model/objectives.ts'
import list from './curves.json' with { type: 'json' }

/** What a pod was seen to do at a load. */
export interface CurvePoint {
  /** Of one pod, a second. */
  readonly rate: number
  /** Milliseconds; absent where nobody waits. */
  readonly p50?: number
  readonly p99?: number
  /** Kept busy. */
  readonly cores: number
}

/** Measured load of one pod against its latency and its cores, and how that was measured. */
export interface Curve {
  /** Which load of `objectives.load` it is about. */
  readonly load: keyof ObjectivesPolicy['load']
  readonly unit: string
  /** Every pod gets all of the load, not its share. Default: no. */
  readonly copies?: boolean
  readonly date: string
  readonly machine: string
  readonly command: string
  readonly remark: string
  /** At least one, by growing rate. */
  readonly points: readonly CurvePoint[]
}

/** By service. */
export const curves = list.curves as Readonly<Record<string, Curve>>
export const machines: Readonly<Record<string, string>> = list.machines

const between = (from: number, to: number, share: number): number => from + (to - from) * share

/** The points around a rate, and how far it is from the first to the second; undefined outside of what was measured. */
function around({ points }: Curve, rate: number) {
  const at = points.findIndex((point) => point.rate >= rate)
  const [below, above] = [points[at - 1], points[at]]
  return below && above ? { below, above, share: (rate - below.rate) / (above.rate - below.rate) } : undefined
}

/**
 * Cores that a pod keeps busy at a rate. Between points a straight line; outside of them each unit costs what it did at the nearest point, which is more than was
 * seen of a line: an estimate that errs on the side of more pods.
 */
export function coresAt(curve: Curve, rate: number): number {
  const place = around(curve, rate)
  if (place) return between(place.below.cores, place.above.cores, place.share)
  const [first, last] = [curve.points[0]!, curve.points.at(-1)!]
  const nearest = rate <= first.rate ? first : last
  return (nearest.cores / nearest.rate) * rate
}

/** Milliseconds at a rate. `within`: the first point's, which is an upper bound below it. Undefined: nobody waits, or beyond what was measured. */
export function latencyAt(
  curve: Curve,
  of: 'p50' | 'p99',
  rate: number,
): { readonly ms: number; readonly within: boolean } | undefined {
  const first = curve.points[0]!
  if (rate <= first.rate) return first[of] === undefined ? undefined : { ms: first[of], within: rate < first.rate }
  const place = around(curve, rate)
  const [from, to] = [place?.below[of], place?.above[of]]
  return place && from !== undefined && to !== undefined
    ? { ms: between(from, to, place.share), within: false }
    : undefined
}
