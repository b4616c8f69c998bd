import type { TraceContext } from './context.ts'
import { kafkaAttributes } from './span.ts'
import type { Tracer } from './tracer.ts'

export interface Wait {
  readonly topic: string
  /** When Kafka had the record, milliseconds since the epoch; 0 or less where it does not say. */
  readonly timestamp: number
  /** When it was taken, milliseconds since the epoch. Default: now. */
  readonly until?: number
  readonly attributes?: Readonly<Record<string, string | number>>
}

/** The span of a consumed record's time in Kafka; of no length where that is not known. */
export function waited(tracer: Tracer, origin: TraceContext, { topic, timestamp, until, attributes }: Wait): void {
  const start = timestamp > 0 ? timestamp : until
  tracer
    .follow(origin, `wait ${topic}`, {
      kind: 'consumer',
      attributes: { ...kafkaAttributes(topic), ...attributes },
      ...(start === undefined ? {} : { start }),
    })
    .finish(until)
}
