import { randomBytes } from 'node:crypto'

/** A place in a trace. Both ids are lower-case hexadecimal digits, 32 and 16, not all zero. */
export interface TraceContext {
  readonly traceId: string
  readonly spanId: string
}

/** Of version 00; one of a later version may go on after another '-'. */
const length = 55
/** The longest that is looked at: what is longer is nobody's. */
const mostLength = 512
const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-|$)/
const zeros = /^0+$/

/**
 * The context in a `traceparent`; undefined for anything that is none. Whether its sender samples is not told: here nobody else decides that. Never throws.
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function parseTraceparent(text: unknown): TraceContext | undefined {
  if (typeof text !== 'string' || text.length < length || text.length > mostLength) return undefined
  const [, version, traceId, spanId] = pattern.exec(text) ?? []
  if (traceId === undefined || spanId === undefined || version === 'ff') return undefined
  if (version === '00' && text.length !== length) return undefined
  return zeros.test(traceId) || zeros.test(spanId) ? undefined : { traceId, spanId }
}

/** A context as whoever comes next reads it: only what is sampled is handed on. */
export const traceparentOf = ({ traceId, spanId }: TraceContext): string => `00-${traceId}-${spanId}-01`

/** A new id of so many bytes. */
export function newId(bytes: 8 | 16): string {
  for (;;) {
    const id = randomBytes(bytes).toString('hex')
    if (!zeros.test(id)) return id
  }
}
