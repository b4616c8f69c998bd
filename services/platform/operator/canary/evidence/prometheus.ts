import type { Series } from './counters.ts'

/** No answer that could be used. The next look asks again. */
export class PrometheusError extends Error {
  readonly code = 'PROMETHEUS_FAILED'
}

export interface PrometheusOptions {
  /** Where it answers, without the path of the API. */
  readonly url: URL
  readonly timeoutMs: number
  /** A longer answer is refused. */
  readonly maxBytes?: number
  readonly fetch?: typeof fetch
}

/** Reads raw samples. */
export interface SampleSource {
  /** All samples of `selector` after `from` and up to `to`, milliseconds. Throws PrometheusError. */
  range(selector: string, from: number, to: number, signal: AbortSignal): Promise<readonly Series[]>
}

/** Prometheus' HTTP API. @see https://prometheus.io/docs/prometheus/latest/querying/api/ */
export class Prometheus implements SampleSource {
  readonly #options: PrometheusOptions

  constructor(options: PrometheusOptions) {
    this.#options = options
  }

  async range(selector: string, from: number, to: number, signal: AbortSignal): Promise<readonly Series[]> {
    const { url, timeoutMs, fetch: call = fetch } = this.#options
    const span = Math.max(1, Math.round(to - from))
    const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    try {
      const answer = await call(new URL('api/v1/query', url), {
        method: 'POST',
        body: new URLSearchParams({
          query: `${selector}[${span}ms]`,
          time: `${to / 1_000}`,
          timeout: `${timeoutMs}ms`,
        }),
        signal: either,
        redirect: 'error',
      })
      const text = await this.#text(answer)
      if (!answer.ok) throw new PrometheusError(`Prometheus answered ${answer.status}.`)
      return parseMatrix(text)
    } catch (cause) {
      if (signal.aborted || cause instanceof PrometheusError) throw cause
      throw new PrometheusError('Prometheus did not answer.', { cause })
    }
  }

  async #text(answer: Response): Promise<string> {
    const { maxBytes = 32 * 2 ** 20 } = this.#options
    const parts: Uint8Array[] = []
    let size = 0
    for await (const part of answer.body ?? []) {
      size += part.length
      if (size > maxBytes) throw new PrometheusError(`Prometheus answers with more than ${maxBytes} bytes.`)
      parts.push(part)
    }
    return Buffer.concat(parts).toString('utf8')
  }
}

/** The result of an instant query for a range of samples. Throws PrometheusError for anything else. */
export function parseMatrix(text: string): readonly Series[] {
  const bad = (what: string) => new PrometheusError(`Prometheus' answer cannot be read: ${what}.`)
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    throw bad('it is no JSON')
  }
  const { data } = answer as { data?: { resultType?: unknown; result?: unknown } }
  if (data?.resultType !== 'matrix' || !Array.isArray(data.result)) throw bad('it is no matrix')
  return data.result.map((one: { metric?: Record<string, string>; values?: unknown }) => {
    if (!one.metric || !Array.isArray(one.values)) throw bad('a series has no labels or no samples')
    const samples = one.values.map((sample): readonly [number, number] => {
      const [seconds, value] = Array.isArray(sample) ? [Number(sample[0]), Number(sample[1])] : [Number.NaN, Number.NaN]
      if (!Number.isFinite(seconds) || !Number.isFinite(value) || value < 0) throw bad('a sample is no count')
      return [seconds, value]
    })
    return { labels: one.metric, samples }
  })
}
