import { HttpError, retryLater } from '../../common/http/errors.ts'

/**
 * Why a request gets no answer: code → status over HTTP and over gRPC.
 * @see https://grpc.io/docs/guides/status-codes/
 */
const codes = {
  /** The caller must change the request. */
  INVALID: { http: 400, grpc: 3 },
  /** The caller went away, or took its time back. */
  CANCELLED: { http: 499, grpc: 1 },
  /** The request's own deadline passed, or would before its turn. */
  DEADLINE: { http: 504, grpc: 4 },
  NOT_FOUND: { http: 404, grpc: 5 },
  /** It exists and is not loaded. */
  NOT_READY: { http: 503, grpc: 14 },
  /** Models are not loaded and unloaded by callers here. */
  FORBIDDEN: { http: 403, grpc: 7 },
  TOO_LARGE: { http: 413, grpc: 8 },
  /** More waits than may wait. */
  QUEUE_FULL: { http: 429, grpc: 8 },
  /** The wait would be longer than the latency that is promised. */
  OVERLOADED: { http: 503, grpc: 14 },
  UNIMPLEMENTED: { http: 501, grpc: 12 },
  /** The model failed, or we did. */
  INTERNAL: { http: 500, grpc: 13 },
} as const satisfies Record<string, { readonly http: number; readonly grpc: number }>

export type InferenceErrorCode = keyof typeof codes

/** A request that gets no answer; the message is for the caller. */
export class InferenceError extends Error {
  readonly code: InferenceErrorCode
  /** When it may be tried again, milliseconds. Undefined: the same request will not fare better. */
  readonly retryAfterMs: number | undefined

  constructor(code: InferenceErrorCode, message: string, more: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'InferenceError'
    this.code = code
    this.retryAfterMs = more.retryAfterMs
  }

  get httpStatus(): number {
    return codes[this.code].http
  }

  get grpcStatus(): number {
    return codes[this.code].grpc
  }
}

/** The same for HTTP. */
export function httpError(error: InferenceError): HttpError {
  const status = error.httpStatus
  if (error.retryAfterMs !== undefined && (status === 429 || status === 503))
    return retryLater(status, error.code, error.message, error.retryAfterMs, error.cause)
  return new HttpError(status, error.code, error.message, error.cause === undefined ? {} : { cause: error.cause })
}
