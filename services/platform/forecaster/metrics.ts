import { forecastSeries } from '../../../policies/autoscaling.ts'
import type { Metrics } from '../../common/metrics/metrics.ts'
import { type Follower, stale } from './follower.ts'
import type { Forecast } from './model/forecaster.ts'
import type { Subject } from './plan.ts'

/** What a series is of: labels of the scaling matrix, and where resources of one service are told apart, which one. */
const labelsOf = ({ service, metric, mode, by }: Subject, of?: string): Record<string, string> => ({
  ...{ service, metric, mode },
  ...(by === undefined || of === undefined ? {} : { [by]: of }),
})

/** What the forecaster shows. A series of a forecast that is not fresh is absent, never a number from before. */
export function forecasterMetrics(metrics: Metrics, followers: readonly Follower[], now: () => number) {
  const labels = ['service', 'metric', 'mode', ...new Set(followers.flatMap(({ subject }) => subject.by ?? []))]
  const each = <T>(read: (forecast: Forecast) => T | undefined) =>
    followers.flatMap((follower) =>
      [...follower.forecasts(now())].flatMap(([of, forecast]) => {
        const value = read(forecast)
        return value === undefined ? [] : [[labelsOf(follower.subject, of), value] as const]
      }),
    )
  metrics.gauge(forecastSeries, 'What there shall be pods for, in the metric’s unit; absent while the gate is shut.', {
    labels,
    readEach: () => each(({ active, value }) => (active ? value : undefined)),
  })
  metrics.gauge('nd_forecast_active', '1 while the gate is open, 0 while it is shut; absent without fresh data.', {
    labels,
    readEach: () => each(({ active }) => Number(active)),
  })
  metrics.gauge('nd_forecast_gate', 'Where the gate stands: 1 for that state; stale without fresh data.', {
    labels: [...labels, 'state'],
    readEach: () => [
      ...each(({ gate }) => gate).map(([of, state]) => [{ ...of, state }, 1] as const),
      ...followers
        .filter((follower) => follower.forecasts(now()).size === 0)
        .map(({ subject }) => [{ ...labelsOf(subject), state: stale }, 1] as const),
    ],
  })
  metrics.gauge('nd_forecast_covered', 'What is provided for before it is whole pods; absent while the gate is shut.', {
    labels,
    readEach: () => each(({ covered }) => covered),
  })
  metrics.gauge('nd_forecast_mean', 'The forecast at the horizon, in the metric’s unit, whatever the gate says.', {
    labels,
    readEach: () => each(({ mean }) => mean),
  })
  metrics.gauge('nd_forecast_loss', 'Mean pinball loss of the last day, in the metric’s unit, by what foretold.', {
    labels: [...labels, 'of'],
    readEach: () =>
      (['best', 'persistence'] as const).flatMap((of) =>
        each(({ loss }) => (Number.isFinite(loss[of]) ? loss[of] : undefined)).map(
          ([some, value]) => [{ ...some, of }, value] as const,
        ),
      ),
  })
  const failures = metrics.counter('nd_forecast_failures_total', 'Looks at the history that failed.', ['service'])
  for (const { subject } of followers) failures.inc({ service: subject.service }, 0)
  return { failed: (service: string) => failures.inc({ service }) }
}
