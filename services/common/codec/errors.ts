export type CodecErrorCode = 'NOT_A_RECORD' | 'UNKNOWN_VERSION' | 'CORRUPT' | 'TOO_LARGE' | 'UNENCODABLE'

/** A record that cannot be read or written. The message names lengths and versions, never content. */
export class CodecError extends Error {
  readonly code: CodecErrorCode
  constructor(code: CodecErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CodecError'
    this.code = code
  }
}
