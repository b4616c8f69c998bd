import type { Series } from '../../../../common/prometheus/prometheus.ts'

/** What a scrape is of: all series of it appear with its first sample, or count from 0. */
const targetOf = ({ labels }: Series): string => `${labels.job ?? ''} ${labels.instance ?? ''}`

/**
 * By how much each counter grew between its samples. A value below the last one is a counter that began anew, so all of it is growth. Exact, unlike
 * PromQL's `increase`, which extrapolates to the ends of the range. The first sample of a target is where counting begins; a series
 * that its target shows later only began then (proxies make some counters when they first count), so that its first value is growth too.
 */
export function growth(series: readonly Series[]): readonly (readonly [Series['labels'], number])[] {
  const first = new Map<string, number>()
  for (const one of series) {
    const begin = one.samples[0]?.[0] ?? Number.POSITIVE_INFINITY
    const target = targetOf(one)
    first.set(target, Math.min(begin, first.get(target) ?? begin))
  }
  return series.map((one) => {
    const [begin] = one.samples
    if (!begin) return [one.labels, 0]
    let [last, grown] = begin[0] > first.get(targetOf(one))! ? [0, 0] : [begin[1], 0]
    for (const [, value] of one.samples) {
      grown += value < last ? value : value - last
      last = value
    }
    return [one.labels, grown]
  })
}

/** When the newest sample was taken, seconds since 1970. */
export const newest = (series: readonly Series[]): number | undefined => {
  const ends = series.flatMap(({ samples }) => samples.at(-1)?.[0] ?? [])
  return ends.length === 0 ? undefined : ends.reduce((a, b) => Math.max(a, b))
}
