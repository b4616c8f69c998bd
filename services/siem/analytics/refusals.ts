import { ClickHouseError } from '@clickhouse/client'
import { HttpError, retryLater } from '../../common/http/errors.ts'

/** What a failed statement means to the caller. Neither SQL nor the engine's words are part of it. */
export type Refusal = 'timeout' | 'too-expensive' | 'busy' | 'empty' | 'unavailable' | 'internal'

/** Errors of ClickHouse by number. @see https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp */
const byNumber: Readonly<Record<string, Refusal>> = {
  // UNKNOWN_TABLE, UNKNOWN_DATABASE
  60: 'empty',
  81: 'empty',
  // TIMEOUT_EXCEEDED, TOO_SLOW
  159: 'timeout',
  160: 'timeout',
  // TOO_MANY_ROWS, CANNOT_ALLOCATE_MEMORY, SET_SIZE_LIMIT_EXCEEDED, MEMORY_LIMIT_EXCEEDED, TOO_MANY_BYTES, TOO_MANY_ROWS_OR_BYTES
  158: 'too-expensive',
  173: 'too-expensive',
  191: 'too-expensive',
  241: 'too-expensive',
  307: 'too-expensive',
  396: 'too-expensive',
  // TOO_MANY_SIMULTANEOUS_QUERIES, NO_FREE_CONNECTION, CANNOT_SCHEDULE_TASK
  202: 'busy',
  203: 'busy',
  439: 'busy',
  // SOCKET_TIMEOUT, NETWORK_ERROR, ABORTED, ALL_CONNECTION_TRIES_FAILED, QUERY_WAS_CANCELLED
  209: 'unavailable',
  210: 'unavailable',
  236: 'unavailable',
  279: 'unavailable',
  394: 'unavailable',
  // UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD, ACCESS_DENIED, AUTHENTICATION_FAILED: ours to set right, and soon
  192: 'unavailable',
  193: 'unavailable',
  194: 'unavailable',
  497: 'unavailable',
  516: 'unavailable',
}

/** How a statement failed, with a code that may be logged. */
export function diagnose(error: unknown): { readonly refusal: Refusal; readonly code: string } {
  if (error instanceof ClickHouseError) return { refusal: byNumber[error.code] ?? 'internal', code: error.code }
  // What has no number of the engine comes from the way to it, unless it is a mistake of ours.
  const ours = error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError
  const { code, name } = error as { code?: unknown; name?: string }
  if (ours || code === 'BAD_ANSWER') return { refusal: 'internal', code: name ?? 'Error' }
  return { refusal: 'unavailable', code: typeof code === 'string' ? code : 'NO_ANSWER' }
}

const retryAfterMs = 2_000

/** The answer to a caller whose statement failed so. */
export function refusalOf(refusal: Refusal, timeoutMs: number): HttpError {
  switch (refusal) {
    case 'timeout':
      return new HttpError(
        504,
        'QUERY_TIMEOUT',
        `The hot tier did not answer within ${timeoutMs / 1_000} s. Narrow the time span (from, to), or filter on more fields.`,
      )
    case 'too-expensive':
      return new HttpError(
        422,
        'TOO_EXPENSIVE',
        "The question needs more memory or a larger answer than one may have. Narrow the time span (from, to), group by fewer or coarser fields, lower the limit, or count instead of asking for 'uniq_id'.",
      )
    case 'busy':
      return retryLater(503, 'BUSY', 'The hot tier is busy. Ask again after the time in Retry-After.', retryAfterMs)
    case 'empty':
      return retryLater(
        503,
        'HOT_TIER_EMPTY',
        'The hot tier of this region has no table of events yet: the first start of the hot sink makes it. Ask again after the time in Retry-After.',
        retryAfterMs,
      )
    case 'unavailable':
      return retryLater(
        503,
        'HOT_TIER_UNAVAILABLE',
        'The hot tier of this region does not answer now. Nothing is lost; ask again after the time in Retry-After.',
        retryAfterMs,
      )
    case 'internal':
      return new HttpError(500, 'INTERNAL', 'The question failed on our side. Ask it again later.')
    default:
      return refusal satisfies never
  }
}
