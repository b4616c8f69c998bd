import type { Policies } from '../../policies/bundle.ts'
import { delay, levelsOf, minutesToFire, spent, threshold } from '../../policies/levels.ts'
import type { AlarmPolicy } from '../../policies/model/monitoring.ts'

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`

const minutes = (value: number | undefined): string =>
  value === undefined ? 'never' : value < 90 ? `${Math.ceil(value)} min` : `${Math.ceil(value / 60)} h`

/** Minutes from the beginning of steady errors to each alert, for every target there is: everything fails, one in ten, twice the alert's rate. */
export function levelTable({ objectives, services }: Pick<Policies, 'objectives' | 'services'>): string {
  const { levels, monitoring } = objectives
  const late = delay(levels, monitoring.scrapeInterval)
  const judged = levelsOf({ objectives, services })
  const targets = [...new Set(judged.map(({ target }) => target))].sort((a, b) => b - a)
  const rows = targets.flatMap((target) => {
    const of = judged.filter((level) => level.target === target)
    return levels.burns.map((burn, i) => {
      const limit = threshold(burn, target)
      const at = (share: number) => {
        const fires = minutesToFire(burn, target, share)
        return minutes(fires === undefined ? fires : fires + late)
      }
      return [
        i === 0 ? `${percent(target)}: ${of.map(({ service, kind }) => `${service} ${kind}`).join(', ')}` : '',
        burn.urgency,
        `${percent(limit)} over ${burn.long} and ${burn.short}`,
        percent(spent(burn, levels.window)),
        ...[at(1), at(0.1), at(Math.min(1, 2 * limit))],
      ]
    })
  })
  return table(['promise', 'tells', 'bad share above', 'budget spent', 'all bad', '10 % bad', 'twice the share'], rows)
}

/** Every alarm with whom it calls and its numbers. */
export function alarmTable({ monitoring }: Pick<Policies, 'monitoring'>): string {
  const rows = (Object.entries(monitoring.alarms) as [string, AlarmPolicy][]).map(
    ([name, { urgency, after, ...more }]) => [
      `\`${name}\``,
      urgency,
      after,
      Object.entries(more)
        .map(([key, value]) => `${key} ${value}`)
        .join(', ') || '–',
    ],
  )
  return table(['alarm', 'tells', 'after', 'its numbers'], rows)
}
