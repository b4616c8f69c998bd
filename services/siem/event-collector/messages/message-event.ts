import type { ClockProblem, FormatName, MessageEvent, Transport } from '../../../common/formats/event.ts'
import { type ReadMessage, readMessage } from '../../../common/formats/message.ts'
import { type ClockLimits, clockProblem } from '../clock.ts'

export interface MessageLimits {
  readonly maxEventBytes: number
  readonly clock: ClockLimits
}

/** An event made of a message: its line in Kafka, and what is counted of it. */
export interface Made {
  readonly bytes: Buffer
  readonly format: FormatName
  readonly clock: ClockProblem | undefined
}

const original = (bytes: Buffer, { text, utf8 }: Pick<ReadMessage, 'text' | 'utf8'>) =>
  utf8 ? { original: text } : ({ original: bytes.toString('base64'), original_encoding: 'base64' } as const)

/**
 * The event of one message that arrived at `arrival` (milliseconds since the epoch). What a message says of itself never decides whose it is or
 * how it came: those are `transport`'s and the caller's. One that as JSON would be longer than an event may be is kept as its original alone.
 */
export function makeEvent(message: Buffer, transport: Transport, arrival: number, limits: MessageLimits): Made {
  const read = readMessage(message, arrival)
  const { format, problems, ...fields } = read.event
  const clock = read.time === undefined ? undefined : clockProblem(read.time, arrival, limits.clock)
  const event: MessageEvent = {
    format,
    ...(read.time === undefined ? {} : { '@timestamp': new Date(read.time).toISOString() }),
    ...fields,
    transport,
    ...(problems ? { problems } : {}),
    ...(clock ? { clock } : {}),
    ...original(message, read),
  }
  const bytes = Buffer.from(JSON.stringify(event))
  if (bytes.length <= limits.maxEventBytes) return { bytes, format, clock }
  const bare: MessageEvent = {
    format: 'unknown',
    transport,
    problems: ['TOO_LARGE_AS_JSON'],
    original: message.toString('base64'),
    original_encoding: 'base64',
  }
  return { bytes: Buffer.from(JSON.stringify(bare)), format: 'unknown', clock: undefined }
}
