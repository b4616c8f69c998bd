import { setTimeout as delay } from 'node:timers/promises'
import { policies } from '../../../policies/bundle.ts'
import { environments } from '../../../policies/environments.ts'
import { scaledBounds } from '../../../policies/replicas.ts'
import { boot } from '../../common/process/boot.ts'
import { Prometheus, prometheusConfig } from '../../common/prometheus/prometheus.ts'
import { forecastRoutes } from './api.ts'
import { Follower, follow } from './follower.ts'
import { forecasterMetrics } from './metrics.ts'
import { stepSeconds, subjects } from './plan.ts'
import { explanations } from './why/explanations.ts'

/** Looks are more often than steps, so that a new step is seen soon. */
const everyMs = (stepSeconds * 1_000) / 4

/** A week of minutes is a long answer. */
const timeoutMs = 20_000

await boot(
  'forecaster',
  (env) => ({ prometheus: prometheusConfig(env) }),
  async ({ config, log, metrics, lifecycle, tls, adminRoutes }) => {
    const source = new Prometheus({ config: config.prometheus, tls, timeoutMs })
    const { environment } = config
    const { scaling, services, objectives } = policies
    const found = subjects({ scaling, services, objectives }, scaledBounds(policies, environments[environment]))
    const followers = found.map((subject) => new Follower(subject, source))
    const { failed } = forecasterMetrics(metrics, followers, Date.now)
    adminRoutes(forecastRoutes(followers, Date.now))
    const why = explanations({ environment, source, metrics, log, now: Date.now })
    adminRoutes(why.routes)
    const stop = new AbortController()
    const wait = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal })
    const done = follow(followers, { log, signal: stop.signal, now: Date.now, wait, failed }, everyMs)
    const causes = why.keep(stop.signal)
    lifecycle.onStop('followers', async () => {
      stop.abort()
      await Promise.all([done, causes])
    })
  },
)
