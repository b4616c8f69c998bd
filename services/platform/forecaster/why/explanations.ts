import { setTimeout as delay } from 'node:timers/promises'
import { loop } from '../../../../policies/autoscaling.ts'
import { type Policies, policies } from '../../../../policies/bundle.ts'
import { serviceOf } from '../../../../policies/model/scaling.ts'
import { replicaBounds } from '../../../../policies/replicas.ts'
import type { Log } from '../../../common/log/log.ts'
import type { Metrics } from '../../../common/metrics/metrics.ts'
import type { StepSource } from '../follower.ts'
import { causeMetric, whyRoutes } from './api.ts'
import { type Watched, watched } from './watched.ts'

/** Every row of the matrix as it runs in an environment. */
export const watchedRows = (environment: string, all: Policies = policies): Watched[] =>
  Object.entries(all.scaling).flatMap(([name, row]) => {
    const service = serviceOf(name)
    const [graph, of] = [all.services[service], all.environments[environment]]
    return graph && of ? [watched(name, row, graph, all.objectives, replicaBounds(all, of, service))] : []
  })

/**
 * Why every scaled service has as many pods as it has: the routes that answer it, and a loop that keeps `nd_scaling_cause` at the cause of
 * each look until `signal` fires. What cannot be read shows no cause, and is said once.
 */
export function explanations(options: {
  readonly environment: string
  readonly source: StepSource
  readonly metrics: Metrics
  readonly log: Log
  readonly now: () => number
}) {
  const { environment, source, metrics, log, now } = options
  const all = watchedRows(environment)
  const { look } = causeMetric(metrics, all, source)
  return {
    routes: whyRoutes(all, source, now),
    async keep(signal: AbortSignal): Promise<void> {
      let failing = false
      while (!signal.aborted) {
        try {
          await look(now(), signal)
          failing = false
        } catch (error) {
          if (signal.aborted) return
          if (!failing) log.warn('What made the counts of pods cannot be read; the next look reads it.', { error })
          failing = true
        }
        await delay(loop.syncSeconds * 1_000, undefined, { signal }).catch(() => {})
      }
    },
  }
}
