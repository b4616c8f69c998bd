export type DeployErrorCode =
  | 'UNKNOWN_ENVIRONMENT'
  | 'UNKNOWN_REGION'
  | 'UNKNOWN_STACK'
  | 'NEEDS_OTHERS'
  | 'NOT_READY'
  | 'NOT_CONFIRMED'
  | 'PENDING_CREATES'
  | 'GATE_CLOSED'

/** A deployment that was refused or stopped. The message says what to do. */
export class DeployError extends Error {
  readonly code: DeployErrorCode

  constructor(code: DeployErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
