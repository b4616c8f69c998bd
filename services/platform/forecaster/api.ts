import { forThisRegion } from '../../common/http/admin.ts'
import { HttpError } from '../../common/http/errors.ts'
import type { Routes } from '../../common/http/server.ts'
import { type Follower, stale } from './follower.ts'

/**
 * What the forecaster answers beside its metrics, for callers with a certificate of the region: all forecasts with their reasons, and one as KEDA's
 * metrics-api trigger reads it ('valueLocation': 'value'). A forecast that is shut, stale or only a preview is an error there, never a number.
 */
export function forecastRoutes(followers: readonly Follower[], now: () => number): Routes {
  return {
    'GET /v1/forecasts': (exchange) => {
      forThisRegion(exchange, 'Forecasts')
      const forecasts = followers.map((follower) => {
        const { service, metric, mode, options } = follower.subject
        const { horizonSeconds, quantile } = options
        const forecast = follower.forecast(now()) ?? {
          active: false,
          gate: stale,
          reason: 'There is no fresh history.',
        }
        return { service, metric, mode, horizonSeconds, atMost: quantile, ...forecast }
      })
      return { status: 200, body: { forecasts } }
    },
    'GET /v1/forecast': (exchange) => {
      forThisRegion(exchange, 'Forecasts')
      const [service, metric] = ['service', 'metric'].map((name) => exchange.url.searchParams.get(name))
      const follower = followers.find(({ subject }) => subject.service === service && subject.metric === metric)
      if (!follower)
        throw new HttpError(404, 'NO_FORECAST', "No such metric is forecast: ask '/v1/forecasts' which ones are.")
      const forecast = follower.forecast(now())
      if (!forecast) throw new HttpError(503, 'STALE', 'There is no fresh history.')
      if (!forecast.active) throw new HttpError(503, 'GATE_SHUT', forecast.reason)
      if (follower.subject.mode !== 'on')
        throw new HttpError(503, 'PREVIEW', "This forecast is only shown: the row's prediction is a preview.")
      return { status: 200, body: { value: forecast.value, reason: forecast.reason } }
    },
  }
}
