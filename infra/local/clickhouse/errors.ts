/** ClickHouse's error names and numbers that this server raises itself or maps to an HTTP status. */
const known = {
  SYNTAX_ERROR: { number: 62, status: 400 },
  UNKNOWN_TABLE: { number: 60, status: 404 },
  UNKNOWN_DATABASE: { number: 81, status: 404 },
  UNKNOWN_SETTING: { number: 115, status: 400 },
  BAD_QUERY_PARAMETER: { number: 457, status: 400 },
  TIMEOUT_EXCEEDED: { number: 159, status: 504 },
  READONLY: { number: 164, status: 403 },
  TOO_MANY_SIMULTANEOUS_QUERIES: { number: 202, status: 503 },
  ABORTED: { number: 236, status: 503 },
  NOT_ENOUGH_SPACE: { number: 243, status: 507 },
  MEMORY_LIMIT_EXCEEDED: { number: 241, status: 503 },
  HTTP_LENGTH_REQUIRED: { number: 381, status: 413 },
  ACCESS_DENIED: { number: 497, status: 403 },
  AUTHENTICATION_FAILED: { number: 516, status: 401 },
  INCORRECT_DATA: { number: 117, status: 400 },
  STD_EXCEPTION: { number: 1001, status: 500 },
} as const

export type ErrorName = keyof typeof known

const byNumber = new Map<number, number>(Object.values(known).map(({ number, status }) => [number, status]))

/** An answer other than success, in ClickHouse's words: `Code: N. DB::Exception: sentence (NAME)`. */
export class QueryError extends Error {
  readonly code: number
  readonly status: number
  constructor(name: ErrorName, sentence: string, options?: ErrorOptions) {
    super(`Code: ${known[name].number}. DB::Exception: ${sentence} (${name})`, options)
    this.name = 'QueryError'
    this.code = known[name].number
    this.status = known[name].status
  }
}

/** What to answer for any error: the engine's own text travels unchanged. */
export function answerOf(error: unknown): { readonly code: number; readonly status: number; readonly text: string } {
  if (error instanceof QueryError) return { code: error.code, status: error.status, text: error.message }
  const text = error instanceof Error ? error.message : String(error)
  const number = Number(/^Code: (\d+)\./.exec(text)?.[1] ?? 0)
  if (number > 0) return { code: number, status: byNumber.get(number) ?? 500, text }
  return { code: 1001, status: 500, text: `Code: 1001. DB::Exception: ${text} (STD_EXCEPTION)` }
}
