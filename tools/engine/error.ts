export type EngineErrorCode =
  | 'USAGE'
  | 'UNSUPPORTED_MACHINE'
  | 'UNKNOWN_ARTEFACT'
  | 'UNKNOWN_EXECUTABLE'
  | 'NO_SOURCE'
  | 'TOOL_MISSING'
  | 'TOOL_TOO_OLD'
  | 'CHECKSUM'
  | 'COMMAND_FAILED'
  | 'DOES_NOT_RUN'
  | 'DISK_FULL'
  | 'CACHE_NOT_WRITABLE'
  | 'LOCK_FILE'
  | 'INTERRUPTED'

/** Whether every other artefact would fail for the same reason. */
const fatal: ReadonlySet<EngineErrorCode> = new Set(['DISK_FULL', 'CACHE_NOT_WRITABLE', 'INTERRUPTED'])

/** What stopped the toolchain, as a code; the message says what to do about it. */
export class EngineError extends Error {
  readonly code: EngineErrorCode

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EngineError'
    this.code = code
  }

  get fatal(): boolean {
    return fatal.has(this.code)
  }
}

/** A source that has not got the artefact, in words that can follow 'because'. The next source is asked. */
export class Unavailable extends Error {
  readonly code = 'UNAVAILABLE'
}

export const interrupted = (cause?: unknown): EngineError =>
  new EngineError('INTERRUPTED', 'Interrupted. Nothing half-made was kept; run it again to go on.', { cause })

export const diskFull = (folder: string, cause?: unknown): EngineError =>
  new EngineError(
    'DISK_FULL',
    `The disk that holds ${folder} is full. Free some space (the whole toolchain takes about 2 GB, the Go build cache ` +
      `as much again), or name a folder on another disk in NEURODEFENDER_CACHE, and run it again: what is complete is kept.`,
    { cause },
  )

const errno = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** Gives a file system's error its sentence; every other error is returned as it is. */
export function explain(error: unknown, folder: string): unknown {
  if (error instanceof EngineError || error instanceof Unavailable) return error
  const code = errno(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(folder, error)
  if (code && ['EACCES', 'EROFS', 'EPERM', 'ENOTDIR', 'EEXIST'].includes(code))
    return new EngineError(
      'CACHE_NOT_WRITABLE',
      `Cannot write to the cache ${folder}: ${(error as Error).message}. Make it writable, or name another folder in NEURODEFENDER_CACHE.`,
      { cause: error },
    )
  if (code === 'ABORT_ERR' || (error instanceof Error && error.name === 'AbortError')) return interrupted(error)
  return error
}
