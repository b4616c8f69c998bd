import type { Policies } from '../../../../policies/bundle.ts'
import { delay, type Level, minutesToFire, threshold } from '../../../../policies/levels.ts'
import type { BurnPolicy } from '../../../../policies/model/objectives.ts'
import type { Labels } from '../../../../policies/model/service.ts'
import { seconds } from '../../../../policies/model/units.ts'
import { levelRules } from '../level-rules.ts'
import type { RuleGroup } from '../rules.ts'
import type { Story, Told } from './story.ts'

type Scope = Pick<Policies, 'objectives' | 'services'>
type Span = { readonly minutes: number; readonly share: number; readonly perSecond: number }

/** Values of labels that services really write. */
const words = ['/v1/events', '503', '200', 'failed', 'stored', 'internal', 'ok', 'done'] as const

/** The labels of a series that matches `of`, and of none of `but`. */
const labelsLike = (of: Labels, but: Labels = {}): Record<string, string> => {
  const names = new Set([...Object.keys(of), ...Object.keys(but)])
  const entries = [...names].map((name) => {
    const fits = (like: string | undefined, word: string) => like !== undefined && new RegExp(`^(${like})$`).test(word)
    const word = words.find((one) => (of[name] === undefined || fits(of[name], one)) && !fits(but[name], one))
    if (word === undefined)
      throw new RangeError(`No word is known that '${name}' may be: ${of[name]}, not ${but[name]}.`)
    return [name, word] as const
  })
  return Object.fromEntries(entries)
}

const counter = (
  name: string,
  labels: Readonly<Record<string, string>>,
  spans: readonly Span[],
  part: (s: Span) => number,
): Told => ({
  name,
  labels,
  kind: 'counter',
  spans: spans.map((span) => ({ minutes: span.minutes, value: 15 * span.perSecond * part(span) })),
})

/** What a service counts while a share of what it does is bad. */
function counted({ service, kind, within }: Level, { services }: Scope, spans: readonly Span[]): Told[] {
  const job = { job: service, instance: 'a' }
  const sources = services[service]?.levels
  if (kind === 'availability' && sources?.availability) {
    const { series, of = {}, bad } = sources.availability
    return [
      counter(series, { ...job, ...labelsLike({ ...of, ...bad }) }, spans, ({ share }) => share),
      counter(series, { ...job, ...labelsLike(of, bad) }, spans, ({ share }) => 1 - share),
    ]
  }
  if (kind === 'latency' && sources?.latency) {
    const { series, of = {} } = sources.latency
    const labels = { ...job, ...labelsLike(of) }
    return [
      counter(`${series}_count`, labels, spans, () => 1),
      counter(`${series}_bucket`, { ...labels, le: `${within}` }, spans, ({ share }) => 1 - share),
      counter(`${series}_bucket`, { ...labels, le: '+Inf' }, spans, () => 1),
    ]
  }
  throw new RangeError(`services.${service}.levels.${kind} is missing.`)
}

const names = { availability: 'AvailabilityBurns', latency: 'LatencyBurns' } as const
const minutes = (duration: BurnPolicy['long']): number => seconds(duration) / 60

/** Of the rules of a level, those that one alert follows from: the others would only take time. */
export function rulesOf(level: Level, burn: BurnPolicy, levels: Policies['objectives']['levels']): RuleGroup {
  const rules = levelRules(level, levels).filter(({ labels: { window, long } }) =>
    window === undefined ? long === undefined || long === burn.long : window === burn.long || window === burn.short,
  )
  return { name: 'level', rules }
}

/** No more than so long without errors before an incident, minutes: three days of them would take promtool minutes. */
const mostBefore = 2 * 60

/**
 * Incidents of one level and one alert. Errors at twice its rate: it fires within the stated minutes, not in the first half of them, and ends
 * with the short window. Errors just below its rate: never. So few requests that even all of them failing is no incident: never.
 */
export function incidents(level: Level, burn: BurnPolicy, scope: Scope, longestBefore = mostBefore): Story[] {
  const { levels, monitoring } = scope.objectives
  const limit = threshold(burn, level.target)
  const share = Math.min(1, 2 * limit)
  const before = Math.min(minutes(burn.long), longestBefore)
  const late = delay(levels, monitoring.scrapeInterval)
  const fires = minutesToFire(burn, level.target, share, before * 60)
  if (fires === undefined)
    throw new RangeError(`${level.service}: errors at ${share} do not burn ${burn.rate} times too fast.`)
  const incident = fires + late + 1
  const silent = minutes(burn.short) + late
  const alert = { alert: names[level.kind], labels: { service: level.service, long: burn.long } }
  const steady = Math.min(2 * minutes(burn.short), 60) + 10
  const name = `${level.service} ${level.kind}, ${burn.rate} over ${burn.long}`
  return [
    {
      name: `${name}: errors at ${share}`,
      series: counted(level, scope, [
        { minutes: before, share: 0, perSecond: 10 },
        { minutes: incident, share, perSecond: 10 },
        { minutes: silent + 1, share: 0, perSecond: 10 },
      ]),
      expected: [
        { ...alert, minute: before, fires: false },
        { ...alert, minute: before + fires / 2, fires: false },
        { ...alert, minute: before + fires + late, fires: true },
        { ...alert, minute: before + incident + silent, fires: false },
      ],
    },
    {
      name: `${name}: errors just below the rate`,
      series: counted(level, scope, [{ minutes: steady, share: 0.95 * limit, perSecond: 10 }]),
      expected: [5, steady / 2, steady - 1].map((minute) => ({ ...alert, minute, fires: false })),
    },
    {
      name: `${name}: too few to tell`,
      series: counted(level, scope, [{ minutes: steady, share: 1, perSecond: (0.9 * levels.least) / (60 * steady) }]),
      expected: [5, steady / 2, steady - 1].map((minute) => ({ ...alert, minute, fires: false })),
    },
  ]
}
