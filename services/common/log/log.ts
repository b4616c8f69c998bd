export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

export type LogFields = Readonly<Record<string, unknown>>

/** Structured log lines: one JSON object each, on standard output. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** The same log, with fields that every line carries. */
  with(fields: LogFields): Log
}

const secret = /token|password|passwd|secret|authorization|cookie|credential|privatekey|^key$/i
/** Where customers' rows could travel. */
const row = /^(raw|event|events|row|rows|body|record|records|value|bytes|line_text)$/i
const maxText = 1_000

function describeError(error: Error, depth = 0): unknown {
  const { code } = error as { code?: unknown }
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    message: error.message.slice(0, maxText),
    ...(error.cause instanceof Error && depth < 3 ? { cause: describeError(error.cause, depth + 1) } : {}),
  }
}

function safe(name: string, value: unknown, depth: number): unknown {
  if (secret.test(name)) return '[secret]'
  if (value instanceof Error) return describeError(value)
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return value
  if (row.test(name)) return '[withheld]'
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'string') return value.length > maxText ? `${value.slice(0, maxText)}…` : value
  if (value instanceof Uint8Array) return `[${value.length} bytes]`
  if (depth > 3 || typeof value !== 'object') return `[${typeof value}]`
  if (Array.isArray(value)) return value.slice(0, 20).map((item) => safe('', item, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, safe(key, inner, depth + 1)]))
}

export interface LogOptions {
  readonly level: LogLevel
  readonly fields?: LogFields
  /** Takes one line without its end. */
  readonly write?: (line: string) => void
  readonly now?: () => Date
}

/** Lines below `level` are dropped. Fields named like secrets or customers' rows are replaced, texts are cut. */
export function createLog(options: LogOptions): Log {
  const { fields = {}, write = (line) => process.stdout.write(`${line}\n`), now = () => new Date() } = options
  const from = logLevels.indexOf(options.level)
  const at =
    (level: LogLevel) =>
    (message: string, more: LogFields = {}) => {
      if (logLevels.indexOf(level) < from) return
      const rest = safe('', { ...fields, ...more }, 0) as object
      write(JSON.stringify({ time: now().toISOString(), level, message, ...rest }))
    }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (more) => createLog({ ...options, fields: { ...fields, ...more } }),
  }
}

/** A log that keeps nothing, for tests and tools. */
export const silentLog: Log = createLog({ level: 'error', write: () => {} })
