import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { EnvReader } from '../config/reader.ts'
import type { TlsMaterial } from '../tls/material.ts'

/** One series as Prometheus keeps it: samples in order, seconds and values. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly (readonly [seconds: number, value: number])[]
}

/** No answer that could be used. The next look asks again. */
export class PrometheusError extends Error {
  readonly code = 'PROMETHEUS_FAILED'
}

export interface PrometheusConfig {
  readonly url: URL
  readonly user: string
  readonly password: string
}

/** ND_PROMETHEUS_URL (https), ND_PROMETHEUS_USER, ND_PROMETHEUS_PASSWORD_FILE. */
export const prometheusConfig = (env: EnvReader): PrometheusConfig => ({
  url: env.url('ND_PROMETHEUS_URL', ['https:']),
  user: env.text('ND_PROMETHEUS_USER'),
  password: env.secretFile('ND_PROMETHEUS_PASSWORD_FILE'),
})

export interface PrometheusOptions {
  readonly config: PrometheusConfig
  /** Whose authority vouches for Prometheus; read at every call. */
  readonly tls: { readonly current: Pick<TlsMaterial, 'ca'> }
  readonly timeoutMs: number
  /** A longer answer is refused. Default: 32 MiB. */
  readonly maxBytes?: number
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
    const { timeoutMs } = this.#options
    const span = Math.max(1, Math.round(to - from))
    const question = { query: `${selector}[${span}ms]`, time: `${to / 1_000}`, timeout: `${timeoutMs}ms` }
    return await this.#series('api/v1/query', question, signal)
  }

  /** The values of `expression` at every step of [from, to], milliseconds; Prometheus answers at most 11,000 of them. Throws PrometheusError. */
  async steps(
    expression: string,
    { from, to, step }: { readonly from: number; readonly to: number; readonly step: number },
    signal: AbortSignal,
  ): Promise<readonly Series[]> {
    const [start, end, width] = [from, to, step].map((ms) => `${ms / 1_000}`) as [string, string, string]
    const question = { query: expression, start, end, step: width, timeout: `${this.#options.timeoutMs}ms` }
    return await this.#series('api/v1/query_range', question, signal)
  }

  async #series(path: string, question: Record<string, string>, signal: AbortSignal): Promise<readonly Series[]> {
    const { timeoutMs } = this.#options
    const form = `${new URLSearchParams(question)}`
    try {
      return parseMatrix(await this.#ask(path, form, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])))
    } catch (cause) {
      if (signal.aborted || cause instanceof PrometheusError) throw cause
      throw new PrometheusError('Prometheus did not answer.', { cause })
    }
  }

  /** A form, because a question is longer than an address may be. */
  async #ask(path: string, form: string, signal: AbortSignal): Promise<string> {
    const { config, tls, maxBytes = 32 * 2 ** 20 } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    request(new URL(path, config.url), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(form) },
      auth: `${config.user}:${config.password}`,
      ca: tls.current.ca,
      minVersion: 'TLSv1.2',
      agent: false,
      signal,
    })
      .on('response', resolve)
      .on('error', reject)
      .end(form)
    const answer = await promise
    const parts: Buffer[] = []
    let size = 0
    for await (const part of answer as AsyncIterable<Buffer>) {
      size += part.length
      if (size > maxBytes) throw new PrometheusError(`Prometheus answers with more than ${maxBytes} bytes.`)
      parts.push(part)
    }
    if (answer.statusCode !== 200) throw new PrometheusError(`Prometheus answered ${answer.statusCode}.`)
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
