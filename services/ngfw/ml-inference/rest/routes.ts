import { readRequestBody } from '../../../common/http/body.ts'
import { HttpError } from '../../../common/http/errors.ts'
import type { Answer, Exchange, Found } from '../../../common/http/server.ts'
import { during, ended, type Span, within } from '../../../common/tracing/span.ts'
import { type Tracer, untraced } from '../../../common/tracing/tracer.ts'
import { httpError, InferenceError } from '../errors.ts'
import type { InFlight } from '../in-flight.ts'
import { modelMetadata, serverMetadata } from '../metadata.ts'
import type { Repository } from '../serving/repository.ts'
import { readInferBody, writeInferBody } from './body.ts'

export interface RestOptions {
  readonly repository: Repository
  /** Whether to send requests here. */
  readonly ready: () => boolean
  /** Whether callers may load and unload models. */
  readonly control: boolean
  readonly maxBodyBytes: number
  /** Of a body, what may be JSON. */
  readonly maxTextBytes: number
  readonly inFlight: InFlight
  /** Default: nothing is traced. */
  readonly tracer?: Tracer
}

type Handler = Found['handler']

const json = (status: number, body: unknown): Answer => ({ status, body })

/** The Open Inference Protocol over HTTP. Failures are HttpError. */
export class RestRoutes {
  readonly #options: RestOptions

  constructor(options: RestOptions) {
    this.#options = options
  }

  /** For `HttpServer`. Throws HttpError 405. */
  readonly find = (method: string, path: string): Found | undefined => {
    const at = this.#at(path)
    if (!at) return undefined
    const { route, takes, handler } = at
    if (method !== takes && !(takes === 'GET' && method === 'HEAD'))
      throw new HttpError(405, 'METHOD_NOT_ALLOWED', `${path.slice(0, 200)} takes ${takes}.`, {
        headers: { allow: takes },
      })
    return { route, handler: failing(handler) }
  }

  #at(path: string): { route: string; takes: 'GET' | 'POST'; handler: Handler } | undefined {
    const { repository, ready } = this.#options
    const get = (route: string, handler: Handler) => ({ route, takes: 'GET' as const, handler })
    const post = (route: string, handler: Handler) => ({ route, takes: 'POST' as const, handler })
    const parts = path.split('/')
    if (parts[0] !== '' || parts[1] !== 'v2') return undefined
    if (parts[2] === 'models' && parts[3] !== undefined) {
      const name = named(parts[3])
      const versioned = parts[4] === 'versions' && parts[5] !== undefined
      const version = versioned ? named(parts[5]!) : undefined
      const rest = parts.slice(versioned ? 6 : 4)
      if (rest.length === 0)
        return get('model', () => json(200, modelMetadata(repository.find(name, version), repository)))
      if (rest.length > 1) return undefined
      if (rest[0] === 'infer') return post('infer', (exchange) => this.#infer(exchange, name, version))
      if (rest[0] === 'ready')
        return get('model ready', () => {
          const is = repository.isReady(name, version)
          return json(is ? 200 : 400, { name, ready: is })
        })
      return undefined
    }
    if (parts[2] === 'repository' && parts[3] === 'models' && parts.length === 6) {
      const name = named(parts[4]!)
      if (parts[5] === 'load') return post('load', (exchange) => this.#control(exchange, () => repository.load(name)))
      if (parts[5] === 'unload')
        return post('unload', (exchange) => this.#control(exchange, () => repository.unload(name)))
    }
    switch (path) {
      case '/v2':
      case '/v2/':
        return get('server', () => json(200, serverMetadata))
      case '/v2/health/live':
        return get('live', () => json(200, { live: true }))
      case '/v2/health/ready':
        return get('ready', () => json(ready() ? 200 : 503, { ready: ready() }))
      case '/v2/repository/index':
        return post('index', (exchange) => this.#index(exchange))
      default:
        return undefined
    }
  }

  #infer(exchange: Exchange, name: string, version: string | undefined): Promise<Answer> {
    const { tracer = untraced } = this.#options
    const span = tracer.begin('infer', exchange.request.headers, { kind: 'server' })
    return ended(span, this.#answer(exchange, name, version, span))
  }

  async #answer(
    { request, signal }: Exchange,
    name: string,
    version: string | undefined,
    span: Span | undefined,
  ): Promise<Answer> {
    const came = performance.now()
    // Before the body: what nobody answers need not be read.
    this.#options.repository.find(name, version)
    let held = 0
    try {
      const body = await within(span, 'read', () =>
        readRequestBody(request, {
          maxBytes: this.#options.maxBodyBytes,
          deflate: true,
          reserve: (bytes) => {
            this.#options.inFlight.take(bytes)
            held += bytes
          },
        }),
      )
      const length = jsonLength(request.headers['inference-header-content-length'])
      const asked = during(span, 'parse', () => readInferBody(body, length, came, this.#options.maxTextBytes))
      const patience = Number(request.headers['x-envoy-expected-rq-timeout-ms'] ?? Number.POSITIVE_INFINITY)
      const deadlineAt = Math.min(asked.deadlineAt, patience > 0 ? came + patience : Number.POSITIVE_INFINITY)
      // Found anew: while the body came, the model may have been replaced.
      const model = this.#options.repository.find(name, version)
      span?.set({ 'nd.model': model.name, 'nd.model.version': model.version })
      const answer = await model.infer({ ...asked, deadlineAt, span }, signal)
      const { body: written, jsonLength: textLength } = writeInferBody(answer, asked.binary)
      const headers: Record<string, string> =
        textLength === undefined
          ? { 'content-type': 'application/json' }
          : { 'content-type': 'application/octet-stream', 'inference-header-content-length': `${textLength}` }
      return { status: 200, headers, body: written }
    } finally {
      this.#options.inFlight.give(held)
    }
  }

  async #index({ request }: Exchange): Promise<Answer> {
    const body = await smallBody(request)
    const entries = this.#options.repository.index()
    return json(200, body.ready === true ? entries.filter(({ state }) => state === 'READY') : entries)
  }

  async #control({ request }: Exchange, act: () => Promise<void>): Promise<Answer> {
    if (!this.#options.control)
      throw new InferenceError('FORBIDDEN', 'Models are loaded and unloaded by the model list alone here.')
    const { parameters } = await smallBody(request)
    const keys = typeof parameters === 'object' && parameters !== null ? Object.keys(parameters) : []
    if (keys.some((key) => key !== 'unload_dependents'))
      throw new InferenceError(
        'UNIMPLEMENTED',
        `parameters.${keys[0]?.slice(0, 40)}: a model is what the model list says.`,
      )
    await act()
    return json(200, {})
  }
}

const maxSmallBody = 65_536

async function smallBody(request: Exchange['request']): Promise<Record<string, unknown>> {
  const body = await readRequestBody(request, { maxBytes: maxSmallBody })
  if (body.length === 0) return {}
  try {
    const value: unknown = JSON.parse(body.toString())
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {}
  throw new InferenceError('INVALID', 'The body must be a JSON object or empty.')
}

function named(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (cause) {
    throw httpError(new InferenceError('INVALID', 'The path is not well encoded.', { cause }))
  }
}

const jsonLength = (header: string | string[] | undefined): number | undefined => {
  if (header === undefined) return undefined
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : -1
}

const failing =
  (handler: Handler): Handler =>
  async (exchange) => {
    try {
      return await handler(exchange)
    } catch (error) {
      throw error instanceof InferenceError ? httpError(error) : error
    }
  }
