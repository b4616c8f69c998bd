import { forecastSeries } from '../../../policies/autoscaling.ts'
import type { Metrics } from '../../common/metrics/metrics.ts'
import { type Follower, stale } from './follower.ts'
import type { Forecast } from './model/forecaster.ts'

/** What the forecaster shows. Labels are of the scaling matrix. A series of a forecast that is not fresh is absent, never a number from before. */
export function forecasterMetrics(metrics: Metrics, followers: readonly Follower[], now: () => number) {
  const labels = ['service', 'metric', 'mode'] as const
  const each = <T>(read: (forecast: Forecast) => T | undefined) =>
    followers.flatMap((follower) => {
      const forecast = follower.forecast(now())
      const value = forecast && read(forecast)
      const { service, metric, mode } = follower.subject
      return value === undefined ? [] : [[{ service, metric, mode }, value] as const]
    })
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
    readEach: () =>
      followers.map((follower) => {
        const { service, metric, mode } = follower.subject
        return [{ service, metric, mode, state: follower.forecast(now())?.gate ?? stale }, 1] as const
      }),
  })
  metrics.gauge(
    'nd_forecast_covered',
    'What is provided for at the horizon before it is whole pods; absent while the gate is shut.',
    {
      labels,
      readEach: () => each(({ covered }) => covered),
    },
  )
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
