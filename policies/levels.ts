import type { Policies } from './bundle.ts'
import { type BurnPolicy, promised } from './model/objectives.ts'
import type { Labels } from './model/service.ts'
import { milliseconds, seconds } from './model/units.ts'

/** Of how many a P99 speaks. */
const p99 = 0.99

/** One promise about one service, and how it is counted. */
export interface Level {
  readonly service: string
  readonly kind: 'availability' | 'latency'
  /** Share that must be good, 0 to 1. */
  readonly target: number
  /** What latency is promised, seconds; of a latency alone. */
  readonly within?: number
  /** PromQL: per second, over a window of Prometheus' notation, what failed or was slow; nothing where nothing was asked for. */
  readonly bad: (window: string) => string
  /** PromQL: per second, everything. */
  readonly all: (window: string) => string
}

/** A selector of a service's series; `of` are regular expressions. */
const selector = (series: string, service: string, of: Labels = {}, more: readonly string[] = []): string => {
  const labels = [`job="${service}"`, ...Object.entries(of).map(([label, like]) => `${label}=~"${like}"`), ...more]
  return `${series}{${labels.join(',')}}`
}

const rate = (series: string, window: string): string => `sum(rate(${series}[${window}]))`

/** All service levels, in the order of the objectives. What lacks its source or its promise is left out, and found by a check. */
export function levelsOf({ objectives, services }: Pick<Policies, 'objectives' | 'services'>): readonly Level[] {
  return Object.entries(objectives.levels.of).flatMap(([service, { availability, latency }]): Level[] => {
    const sources = services[service]?.levels
    const levels: Level[] = []
    if (availability !== undefined && sources?.availability) {
      const { series, of, bad } = sources.availability
      const all = (window: string) => rate(selector(series, service, of), window)
      levels.push({
        service,
        kind: 'availability',
        target: availability,
        // A failure that never happened has no series.
        bad: (window) => `(${rate(selector(series, service, { ...of, ...bad }), window)} or 0 * ${all(window)})`,
        all,
      })
    }
    if (latency !== undefined && promised.includes(latency) && sources?.latency) {
      const { series, of } = sources.latency
      const within = seconds(objectives[latency].latencyP99)
      const all = (window: string) => rate(selector(`${series}_count`, service, of), window)
      const quick = selector(`${series}_bucket`, service, of, [`le="${within}"`])
      const bad = (window: string) => `(${all(window)} - ${rate(quick, window)})`
      levels.push({ service, kind: 'latency', target: p99, within, bad, all })
    }
    return levels
  })
}

type Windows = Pick<Policies['objectives']['levels'], 'burns'>

const shortest = ({ burns }: Windows): number => Math.min(...burns.map(({ short }) => seconds(short)))

/** Errors are counted over this many seconds, and all windows are sums of that: of the shortest, five parts. */
export const countedOver = (levels: Windows): number => shortest(levels) / 5

/** How often levels are looked at, seconds: each count is half new. */
export const lookedAtEvery = (levels: Windows): number => countedOver(levels) / 2

/** Above which share of bad events an alert fires. */
export const threshold = ({ rate: times }: Pick<BurnPolicy, 'rate'>, target: number): number =>
  Number((times * (1 - target)).toPrecision(9))

/** Which share of a level's budget is gone when an alert fires, if the errors began not longer than its long window ago. */
export const spent = ({ rate: times, long }: BurnPolicy, window: BurnPolicy['long']): number =>
  (times * milliseconds(long)) / milliseconds(window)

/**
 * Minutes from the beginning of steady errors to the alert: until their share of the long window is the threshold. Errors began after a long
 * window, or after `before` seconds, without any, under steady traffic. Undefined: never. What measuring adds is `delay`.
 */
export function minutesToFire(burn: BurnPolicy, target: number, share: number, before = Infinity): number | undefined {
  const limit = threshold(burn, target)
  if (share <= limit) return undefined
  const long = seconds(burn.long)
  // While all there is is younger than the window: share × t / (before + t) = limit.
  const young = (limit * before) / (share - limit)
  const at = before === Infinity || young + before > long ? (limit * long) / share : young
  return at / 60
}

/** What measuring adds to `minutesToFire` at most, in minutes: a count is of the time before it, and rules and pods are asked in turns. */
export const delay = (levels: Windows, scrapeInterval: BurnPolicy['long']): number =>
  (countedOver(levels) + 3 * lookedAtEvery(levels) + 2 * seconds(scrapeInterval)) / 60
