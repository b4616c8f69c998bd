/** Events of one tenant out of one request, the content of one record. */
export interface EventBatch {
  readonly tenant: string
  /** The sender's Idempotency-Key, else the collector's own id. */
  readonly batch: string
  /** When the collector had the request, milliseconds since the epoch. Age counts from here. */
  readonly arrival: number
  /** Zero-based line of each event in its request, strictly increasing. */
  readonly lines: readonly number[]
  /** The bytes of each event as they were sent, one JSON object each, no line end. */
  readonly events: readonly Buffer[]
}

/** The identity of an event, by which duplicates are removed: tenant, batch and line. */
export const eventId = (tenant: string, batch: string, line: number): string => `${tenant}/${batch}/${line}`
