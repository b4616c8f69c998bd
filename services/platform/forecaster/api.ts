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
      const forecasts = followers.flatMap((follower) => {
        const { service, metric, mode, options, by } = follower.subject
        const { horizonSeconds, quantile } = options
        const said = { service, metric, mode, horizonSeconds, atMost: quantile }
        const all = [...follower.forecasts(now())]
        if (all.length === 0) return [{ ...said, active: false, gate: stale, reason: 'There is no fresh history.' }]
        return all.map(([of, forecast]) => ({ ...said, ...(by ? { [by]: of } : {}), ...forecast }))
      })
      return { status: 200, body: { forecasts } }
    },
    'GET /v1/forecast': (exchange) => {
      forThisRegion(exchange, 'Forecasts')
      const { searchParams } = exchange.url
      const [service, metric] = ['service', 'metric'].map((name) => searchParams.get(name))
      const follower = followers.find(({ subject }) => subject.service === service && subject.metric === metric)
      const none = new HttpError(404, 'NO_FORECAST', "No such metric is forecast: ask '/v1/forecasts' which ones are.")
      if (!follower) throw none
      const { by } = follower.subject
      const of = by ? searchParams.get(by) : ''
      if (of === null) throw new HttpError(400, 'WHICH', `Say of which ${by}: '${by}'.`)
      const all = follower.forecasts(now())
      if (all.size === 0) throw new HttpError(503, 'STALE', 'There is no fresh history.')
      const forecast = all.get(of)
      if (!forecast) throw none
      if (!forecast.active) throw new HttpError(503, 'GATE_SHUT', forecast.reason)
      if (follower.subject.mode !== 'on')
        throw new HttpError(503, 'PREVIEW', "This forecast is only shown: the row's prediction is a preview.")
      return { status: 200, body: { value: forecast.value, reason: forecast.reason } }
    },
  }
}
