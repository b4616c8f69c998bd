import type { Policies } from '../../../policies/bundle.ts'
import { countedOver, type Level, levelsOf, lookedAtEvery, spent, threshold } from '../../../policies/levels.ts'
import type { BurnPolicy } from '../../../policies/model/objectives.ts'
import { type Duration, seconds } from '../../../policies/model/units.ts'
import { labelled } from '../../../policies/series.ts'
import { isDeployed } from '../charts/namespaces.ts'
import type { ChartScope } from '../context.ts'
import { type AlertRule, type RecordingRule, type RuleGroup, ruleFile } from './rules.ts'

type LevelsPolicy = Policies['objectives']['levels']

/** What levels are recorded under. */
export const levelSeries = {
  /** Bad events per second. Labels: service, level. */
  bad: 'nd:level_bad:rate',
  all: 'nd:level_all:rate',
  /** Share of bad events. Labels: service, level, window. */
  share: 'nd:level_bad:share',
  /** What is left of the budget of the levels' window, 1 to 0 and below. Labels: service, level. */
  left: 'nd:level_budget:left',
} as const

const of = ({ service, kind }: Level) => ({ service, level: kind })

/** The share over a window: of the counts, not of shorter shares, so that an hour without traffic weighs nothing. */
const share = (level: Level, window: Duration): string =>
  `sum_over_time(${labelled(levelSeries.bad, of(level))}[${window}]) / sum_over_time(${labelled(levelSeries.all, of(level))}[${window}])`

const windowsOf = ({ burns }: LevelsPolicy): readonly Duration[] =>
  [...new Set(burns.flatMap(({ short, long }) => [short, long]))].sort((a, b) => seconds(a) - seconds(b))

const names = { availability: 'AvailabilityBurns', latency: 'LatencyBurns' } as const satisfies Record<
  Level['kind'],
  string
>

const percent = (value: number): string => `${Number((100 * value).toPrecision(4))} %`

const promise = ({ kind, service, target, within }: Level): string =>
  kind === 'availability'
    ? `${percent(target)} of what ${service} is asked for do not fail`
    : `${percent(target)} of what ${service} does take at most ${within} s`

function alert(level: Level, burn: BurnPolicy, { window, least, burns }: LevelsPolicy): AlertRule {
  const over = (duration: Duration) =>
    `${labelled(levelSeries.share, { ...of(level), window: duration })} > ${threshold(burn, level.target)}`
  const both = 'and on (service, level)'
  const count = `sum_over_time(${labelled(levelSeries.bad, of(level))}[${burn.long}]) * ${lookedAtEvery({ burns })}`
  return {
    alert: names[level.kind],
    expr: `${over(burn.long)} ${both} ${over(burn.short)} ${both} ${count} >= ${least}`,
    labels: { severity: burn.urgency, ...of(level), long: burn.long },
    annotations: {
      summary: `${level.service}: the budget of ${level.kind} burns ${burn.rate} times too fast`,
      description: `Promised: ${promise(level)}, over ${window}. In the last ${burn.long} {{ $value | humanizePercentage }} did not; at this rate ${percent(spent(burn, window))} of the budget are gone every ${burn.long}.`,
    },
  }
}

/** What is counted of a level, its shares over the windows of all alerts, and the alerts. */
export function levelRules(level: Level, levels: LevelsPolicy): (RecordingRule | AlertRule)[] {
  const base = `${countedOver(levels)}s`
  return [
    { record: levelSeries.bad, expr: level.bad(base), labels: of(level) },
    { record: levelSeries.all, expr: level.all(base), labels: of(level) },
    ...windowsOf(levels).map((window) => ({
      record: levelSeries.share,
      expr: share(level, window),
      labels: { ...of(level), window },
    })),
    ...levels.burns.map((burn) => alert(level, burn, levels)),
  ]
}

/** What is left of a budget: a long window, which is asked for seldom. */
const budget = (level: Level, { window }: LevelsPolicy): RecordingRule => ({
  record: levelSeries.left,
  expr: `1 - (${share(level, window)}) / ${Number((1 - level.target).toPrecision(9))}`,
  labels: of(level),
})

/** The groups of these levels. */
function levelGroups(judged: readonly Level[], levels: LevelsPolicy): RuleGroup[] {
  const services = [...new Set(judged.map(({ service }) => service))]
  return [
    ...services.map((service) => ({
      name: `levels_${service.replaceAll('-', '_')}`,
      interval: `${lookedAtEvery(levels)}s`,
      rules: judged.filter((level) => level.service === service).flatMap((level) => levelRules(level, levels)),
    })),
    {
      name: 'budgets',
      interval: `${10 * lookedAtEvery(levels)}s`,
      rules: judged.map((level) => budget(level, levels)),
    },
  ]
}

/** The rule file of all levels of the services that a region has. */
export function levelRuleFile(scope: ChartScope): string {
  const judged = levelsOf(scope.policies).filter(({ service }) => isDeployed(scope, service))
  return ruleFile(levelGroups(judged, scope.policies.objectives.levels))
}
