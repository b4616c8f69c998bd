/** A refusal in the API server's own words. */
export class ApiError extends Error {
  readonly code = 'API_REFUSED'
  readonly status: number
  /** Its one word: 'NotFound', 'Conflict', 'Expired', … */
  readonly reason: string
  /** How long it wants to be left alone, milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(status: number, body: unknown, retryAfterMs?: number) {
    const said = (body !== null && typeof body === 'object' ? body : {}) as { message?: unknown; reason?: unknown }
    super(typeof said.message === 'string' && said.message ? said.message : `The API server answered ${status}.`)
    this.name = 'ApiError'
    this.status = status
    this.reason = typeof said.reason === 'string' ? said.reason : ''
    this.retryAfterMs = retryAfterMs
  }
}

/** No answer: the server cannot be reached, or the connection broke. Whether a write landed is not known. */
export class UnreachableError extends Error {
  readonly code = 'API_UNREACHABLE'
}

const has =
  (...statuses: readonly number[]) =>
  (error: unknown): error is ApiError =>
    error instanceof ApiError && statuses.includes(error.status)

export const isMissing = has(404)
export const isConflict = has(409)
/** The version that was asked for is forgotten: only a new list helps. */
export const isExpired = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 410 || error.reason === 'Expired' || error.reason === 'Gone')
