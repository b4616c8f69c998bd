const retryable = {
  /** More bytes are waiting for the brokers than the bound allows; nothing was taken. */
  BACK_PRESSURE: true,
  /** The brokers did not acknowledge in time; the records may have been written. */
  TIMEOUT: true,
  /** The brokers cannot be reached or cannot take writes now; the records may have been written. */
  UNAVAILABLE: true,
  /** The partition belongs to another member of the group. */
  FENCED: false,
  /** A record exceeds what its topic takes. */
  TOO_LARGE: false,
  /** The client is closed. */
  CLOSED: false,
} as const

export type BusErrorCode = keyof typeof retryable

/** A failure of the bus, by what the caller can do about it. */
export class BusError extends Error {
  readonly code: BusErrorCode
  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BusError'
    this.code = code
  }
  /** Whether the same call can succeed later. */
  get retryable(): boolean {
    return retryable[this.code]
  }
}
