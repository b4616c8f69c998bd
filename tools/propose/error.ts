/** Something the user can put right: the sentence says how. */
export class ProposeError extends Error {
  readonly code: 'BAD_POINTS' | 'NO_POLICY' | 'NOTHING_KNOWN'

  constructor(code: ProposeError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
