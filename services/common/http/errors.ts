/** An answer other than success: status, a code for programs and a sentence for people. */
export class HttpError extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>
  /** More members of the JSON answer. */
  readonly details: Readonly<Record<string, unknown>>
  constructor(
    status: number,
    code: string,
    message: string,
    more: {
      readonly headers?: Readonly<Record<string, string>>
      readonly details?: Readonly<Record<string, unknown>>
      readonly cause?: unknown
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'HttpError'
    this.status = status
    this.code = code
    this.headers = more.headers ?? {}
    this.details = more.details ?? {}
  }
}

/** 503 or 429 with Retry-After in whole seconds, one at least. */
export const retryLater = (status: 429 | 503, code: string, message: string, afterMs: number, cause?: unknown) =>
  new HttpError(status, code, message, {
    headers: { 'retry-after': Math.max(1, Math.ceil(afterMs / 1_000)).toString() },
    ...(cause === undefined ? {} : { cause }),
  })
