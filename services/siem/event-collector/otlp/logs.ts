import { createHash } from 'node:crypto'
import { findJsonRecords } from '../../../common/formats/otlp/json.ts'
import { exportResponse, findRecords, status } from '../../../common/formats/otlp/protobuf.ts'
import { HttpError } from '../../../common/http/errors.ts'
import type { Answer, Exchange, Routes } from '../../../common/http/server.ts'
import { batchId } from '../batch-id.ts'
import type { ClockLimits } from '../clock.ts'
import type { Accepted, Collector } from '../collector.ts'
import { type Line, type Rejected, type Split, tooMany } from '../lines.ts'
import { type Original, recordEvent, recordTime } from './record-event.ts'

export interface OtlpOptions {
  readonly collector: Pick<Collector, 'accept'>
  readonly limits: { readonly maxEventBytes: number; readonly maxEvents: number }
  readonly clock: ClockLimits
  /** Told of each event whose time is too far off. */
  readonly clockProblem: (problem: 'FUTURE' | 'PAST') => void
}

type Encoding = Original['encoding']

const types = { json: 'application/json', protobuf: 'application/x-protobuf' } as const satisfies Record<
  Encoding,
  string
>

function encodingOf(contentType: string | undefined): Encoding {
  const type = (contentType ?? '').split(';')[0]!.trim().toLowerCase()
  for (const encoding of ['json', 'protobuf'] as const) if (types[encoding] === type) return encoding
  throw new HttpError(415, 'UNSUPPORTED_TYPE', `Send logs as ${types.protobuf} or ${types.json}.`)
}

const finders = { json: findJsonRecords, protobuf: findRecords } as const

interface Read extends Split {
  /** Whether every record has a time, so that two requests with the same bytes are one sent again. */
  readonly dated: boolean
}

/** gRPC's codes, which OTLP's errors carry. */
const grpcCode = (http: number): number => ({ 400: 3, 401: 16, 403: 7, 413: 3, 415: 3, 429: 8, 503: 14 })[http] ?? 13

/**
 * OTLP over HTTP for logs: `POST /v1/logs`. A request sent again has the same batch id (of its content), so that it is stored once.
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export class OtlpLogs {
  readonly #options: OtlpOptions

  constructor(options: OtlpOptions) {
    this.#options = options
  }

  get routes(): Routes {
    return { 'POST /v1/logs': (exchange) => this.#export(exchange) }
  }

  async #export(exchange: Exchange): Promise<Answer> {
    const { request } = exchange
    let encoding: Encoding = 'json'
    try {
      encoding = encodingOf(request.headers['content-type'])
      const key = request.headers['idempotency-key']
      return this.#answer(
        encoding,
        await this.#options.collector.accept(exchange, (body, arrival) => {
          const read = this.#read(body, encoding, arrival)
          const batch = key === undefined && read.dated ? contentId(body) : batchId(key)
          return { split: read, batch }
        }),
      )
    } catch (error) {
      if (encoding === 'json' || !(error instanceof HttpError)) throw error
      return {
        status: error.status,
        headers: { ...error.headers, 'content-type': types.protobuf },
        body: status(grpcCode(error.status), error.message),
      }
    }
  }

  #read(body: Buffer, encoding: Encoding, arrival: number): Read {
    const { limits, clock, clockProblem } = this.#options
    const found = recordsOf(body, encoding)
    if (found.length > limits.maxEvents) throw tooMany(limits.maxEvents)
    const accepted: Line[] = []
    const rejected: Rejected[] = []
    let dated = found.length > 0
    for (const [line, { bytes, read }] of found.entries()) {
      let reason: Rejected['reason'] = 'MALFORMED_RECORD'
      try {
        const fields = read()
        const event = recordEvent(fields, { bytes, encoding }, arrival, clock)
        dated &&= recordTime(fields) !== undefined
        if (event.bytes.length <= limits.maxEventBytes) {
          if (event.clock) clockProblem(event.clock)
          accepted.push({ line, bytes: event.bytes })
          continue
        }
        reason = 'TOO_LARGE'
      } catch {
        dated = false
      }
      rejected.push({ line, bytes, reason })
    }
    return { accepted, rejected, dated }
  }

  #answer(encoding: Encoding, { rejected }: Accepted): Answer {
    const text =
      rejected.length === 0
        ? ''
        : `${rejected.length} log records were not taken: ${[...new Set(rejected.map(({ reason }) => reason))].join(', ')}.`
    if (encoding === 'protobuf')
      return { status: 200, headers: { 'content-type': types.protobuf }, body: exportResponse(rejected.length, text) }
    const partialSuccess = { rejectedLogRecords: `${rejected.length}`, errorMessage: text }
    return { status: 200, body: rejected.length === 0 ? {} : { partialSuccess } }
  }
}

function recordsOf(body: Buffer, encoding: Encoding) {
  try {
    return finders[encoding](body)
  } catch (cause) {
    throw new HttpError(400, 'MALFORMED_REQUEST', `The body is no ExportLogsServiceRequest in ${types[encoding]}.`, {
      cause,
    })
  }
}

/** No sender can choose it: a key has no '~'. */
const contentId = (body: Buffer): string => `~c-${createHash('sha256').update(body).digest('base64url')}`
