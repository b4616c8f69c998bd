export type SimulateErrorCode = 'BAD_TRACE' | 'NO_POLICY' | 'NOT_SIMULATED'

/** Something the user can put right: the sentence says how. */
export class SimulateError extends Error {
  readonly code: SimulateErrorCode

  constructor(code: SimulateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
