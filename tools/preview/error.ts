/** Why there is no preview, in a sentence that says what to do. None of these is a verdict on the change. */
export class PreviewError extends Error {
  readonly code: 'USAGE' | 'NO_GIT' | 'GIT' | 'UNKNOWN_REF' | 'OUT' | 'BUILD'

  constructor(code: PreviewError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
