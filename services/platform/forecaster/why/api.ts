import type { Cause, Explanation } from '../../../common/autoscaling/explain/explain.ts'
import { forThisRegion } from '../../../common/http/admin.ts'
import { HttpError } from '../../../common/http/errors.ts'
import type { Routes } from '../../../common/http/server.ts'
import type { Metrics } from '../../../common/metrics/metrics.ts'
import type { StepSource } from '../follower.ts'
import type { Watched } from './watched.ts'
import { why } from './why.ts'

/** Prometheus keeps no longer. */
const oldestMs = 365 * 86_400_000
const timeoutMs = 10_000

function momentOf(text: string | null, now: number): number {
  if (text === null) return now
  const at = Date.parse(text)
  if (Number.isNaN(at) || at > now || at < now - oldestMs)
    throw new HttpError(400, 'BAD_TIME', "'at' must be a past moment of the last year: 2026-11-28T18:00:00Z.")
  return at
}

/** `GET /v1/why?service=ml-inference&at=2026-11-28T18:00:00Z`: why it had as many pods as it had. Default of `at`: now. */
export function whyRoutes(all: readonly Watched[], source: StepSource, now: () => number): Routes {
  return {
    'GET /v1/why': async (exchange) => {
      forThisRegion(exchange, 'Explanations')
      const { searchParams } = exchange.url
      const of = all.find(({ service }) => service === searchParams.get('service'))
      if (!of)
        throw new HttpError(
          404,
          'NOT_SCALED',
          `'service' must be one that is scaled: ${all.map(({ service }) => service).join(', ')}.`,
        )
      const at = momentOf(searchParams.get('at'), now())
      const signal = AbortSignal.any([exchange.signal, AbortSignal.timeout(timeoutMs)])
      const found = await why(of, at, source, signal)
      if (!found) throw new HttpError(404, 'NO_PODS', `Prometheus knows of no pods of ${of.service} then.`)
      return { status: 200, body: found }
    },
  }
}

/** `nd_scaling_cause`: 1 for what had the last word about each service's count at the last look. `look` asks anew; one that fails shows nothing. */
export function causeMetric(metrics: Metrics, all: readonly Watched[], source: StepSource) {
  let latest: readonly (readonly [{ readonly service: string; readonly cause: Cause }, number])[] = []
  metrics.gauge('nd_scaling_cause', 'What had the last word about the count of pods: 1 for that cause.', {
    labels: ['service', 'cause'],
    readEach: () => latest,
  })
  return {
    async look(now: number, signal: AbortSignal): Promise<void> {
      const found = await Promise.all(all.map((of) => why(of, now, source, signal))).catch((error: unknown) => {
        latest = []
        throw error
      })
      latest = found
        .filter((one): one is Explanation => one !== undefined)
        .map(({ service, cause }) => [{ service, cause }, 1] as const)
    },
  }
}
