import type { TraceContext } from './context.ts'
import { type Attributes, type Span, spanKinds } from './span.ts'

/** The longest text of an attribute. */
const mostText = 256

const value = (of: string | number | boolean) =>
  typeof of === 'string'
    ? { stringValue: of.slice(0, mostText) }
    : typeof of === 'boolean'
      ? { boolValue: of }
      : Number.isInteger(of)
        ? { intValue: of }
        : { doubleValue: of }

const attributesOf = (attributes: Attributes) =>
  Object.entries(attributes).map(([key, of]) => ({ key, value: value(of) }))

/** Nanoseconds of a time in milliseconds, as digits: more than a number holds. */
export function nanoseconds(ms: number): string {
  const whole = Math.floor(ms)
  return `${whole}${`${Math.floor((ms - whole) * 1e6)}`.padStart(6, '0')}`
}

const linkOf = ({ traceId, spanId }: TraceContext) => ({ traceId, spanId, attributes: [] })

const spanOf = ({ name, kind, context, parent, links, start, end = start, attributes, failure }: Span) => ({
  ...context,
  ...(parent === undefined ? {} : { parentSpanId: parent }),
  name,
  kind: spanKinds[kind],
  startTimeUnixNano: nanoseconds(start),
  endTimeUnixNano: nanoseconds(end),
  attributes: attributesOf(failure === undefined ? attributes : { ...attributes, 'error.type': failure }),
  links: links.map(linkOf),
  status: { code: failure === undefined ? 0 : 2 },
})

/**
 * An ExportTraceServiceRequest in JSON.
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export const exportRequest = (resource: Attributes, spans: readonly Span[]): string =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: 'neurodefender' }, spans: spans.map(spanOf) }],
      },
    ],
  })
