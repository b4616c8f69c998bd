import type { ClockProblem, MessageEvent, OtlpFields } from '../../../common/formats/event.ts'
import { type ClockLimits, clockProblem } from '../clock.ts'

/** A record as it came: JSON as text, protobuf as base64. */
export interface Original {
  readonly bytes: Buffer
  readonly encoding: 'json' | 'protobuf'
}

const asText = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const milliseconds = (nanoseconds: string | undefined): number | undefined => {
  if (nanoseconds === undefined) return undefined
  const ms = Number(BigInt(nanoseconds) / 1_000_000n)
  // 0 is 'not known'; the rest is what a date can be.
  return ms > 0 && ms <= 8.64e15 ? ms : undefined
}

/** When a record happened, else when it was seen: milliseconds since the epoch. */
export const recordTime = (fields: OtlpFields): number | undefined =>
  milliseconds(fields.time_unix_nano) ?? milliseconds(fields.observed_time_unix_nano)

/** The event of one log record. Whose it is no attribute says. */
export function recordEvent(
  otlp: OtlpFields,
  original: Original,
  arrival: number,
  limits: ClockLimits,
): { readonly bytes: Buffer; readonly clock: ClockProblem | undefined } {
  const time = recordTime(otlp)
  const clock = time === undefined ? undefined : clockProblem(time, arrival, limits)
  const host = asText(otlp.resource['host.name'])
  const provider = asText(otlp.resource['service.name']) ?? asText(otlp.scope?.name)
  const message =
    asText(otlp.body) ?? (otlp.body === undefined || otlp.body === null ? undefined : JSON.stringify(otlp.body))
  const event: MessageEvent = {
    format: 'otlp',
    ...(time === undefined ? {} : { '@timestamp': new Date(time).toISOString() }),
    ...(host === undefined ? {} : { host }),
    ...(provider === undefined ? {} : { provider }),
    ...(otlp.event_name ? { code: otlp.event_name } : {}),
    ...(message === undefined ? {} : { message }),
    otlp,
    transport: { protocol: 'otlp-http' },
    ...(clock ? { clock } : {}),
    ...(original.encoding === 'json'
      ? { original: original.bytes.toString('utf8') }
      : { original: original.bytes.toString('base64'), original_encoding: 'base64' }),
  }
  return { bytes: Buffer.from(JSON.stringify(event)), clock }
}
