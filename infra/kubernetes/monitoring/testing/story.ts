import { labelled } from '../../../../policies/series.ts'

/** What happens to one series: its labels, and by how much it grows per step (a counter) or what it is (a gauge), span by span. */
export interface Told {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly kind: 'counter' | 'gauge'
  /** `minutes` long each, one after another. Undefined: there is no sample. */
  readonly spans: readonly { readonly minutes: number; readonly value: number | undefined }[]
}

/** What an alert must do at a time after the beginning of the story. */
export interface Expected {
  readonly minute: number
  readonly alert: string
  readonly labels?: Readonly<Record<string, string>>
  readonly fires: boolean
}

export interface Story {
  readonly name: string
  readonly series: readonly Told[]
  readonly expected: readonly Expected[]
}

export const stepSeconds = 15
const perMinute = 60 / stepSeconds

/** A series in promtool's notation: 'a+bxn' is n + 1 samples. */
function values({ kind, spans }: Told): string {
  let at = 0
  return spans
    .flatMap(({ minutes, value }, span) => {
      const steps = Math.round(minutes * perMinute)
      if (steps === 0) return []
      // Prometheus writes down that a series has ended.
      if (value === undefined) return span === 0 ? [`_x${steps}`] : ['stale', `_x${steps - 1}`]
      if (kind === 'gauge') return [`${value}+0x${steps - 1}`]
      const from = at + value
      at += steps * value
      return [`${from}+${value}x${steps - 1}`]
    })
    .join(' ')
}

/**
 * A test file of `promtool test rules`: each alert is looked at through ALERTS, so that labels which no story names do not matter.
 * `evaluateSeconds`: how often all rules are asked.
 */
export function storyFile(ruleFiles: readonly string[], stories: readonly Story[], evaluateSeconds: number): string {
  const tests = stories.map(({ name, series, expected }) => ({
    name,
    interval: `${stepSeconds}s`,
    input_series: series.map((told) => ({ series: labelled(told.name, told.labels), values: values(told) })),
    promql_expr_test: expected.map(({ minute, alert, labels = {}, fires }) => ({
      expr: `count(${labelled('ALERTS', { alertname: alert, alertstate: 'firing', ...labels })}) > 0 or vector(0)`,
      eval_time: `${Math.round(minute * 60)}s`,
      exp_samples: [{ labels: '{}', value: Number(fires) }],
    })),
  }))
  return JSON.stringify({ rule_files: ruleFiles, evaluation_interval: `${evaluateSeconds}s`, tests })
}
