/**
 * What a broker can say instead of doing what it was asked. `retry`: the same request may succeed later or elsewhere; `stale`: what we know of the
 * cluster is old; `fenced`: the partitions are another member's now.
 * @see https://kafka.apache.org/protocol.html#protocol_error_codes
 */
const known = {
  1: { name: 'OFFSET_OUT_OF_RANGE' },
  2: { name: 'CORRUPT_MESSAGE', retry: true },
  3: { name: 'UNKNOWN_TOPIC_OR_PARTITION', retry: true, stale: true },
  5: { name: 'LEADER_NOT_AVAILABLE', retry: true, stale: true },
  6: { name: 'NOT_LEADER_OR_FOLLOWER', retry: true, stale: true },
  7: { name: 'REQUEST_TIMED_OUT', retry: true },
  8: { name: 'BROKER_NOT_AVAILABLE', retry: true, stale: true },
  9: { name: 'REPLICA_NOT_AVAILABLE', retry: true, stale: true },
  10: { name: 'MESSAGE_TOO_LARGE' },
  13: { name: 'NETWORK_EXCEPTION', retry: true, stale: true },
  14: { name: 'COORDINATOR_LOAD_IN_PROGRESS', retry: true },
  15: { name: 'COORDINATOR_NOT_AVAILABLE', retry: true, stale: true },
  16: { name: 'NOT_COORDINATOR', retry: true, stale: true },
  17: { name: 'INVALID_TOPIC_EXCEPTION' },
  18: { name: 'RECORD_LIST_TOO_LARGE' },
  19: { name: 'NOT_ENOUGH_REPLICAS', retry: true },
  20: { name: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', retry: true },
  22: { name: 'ILLEGAL_GENERATION', fenced: true },
  23: { name: 'INCONSISTENT_GROUP_PROTOCOL' },
  25: { name: 'UNKNOWN_MEMBER_ID', fenced: true },
  27: { name: 'REBALANCE_IN_PROGRESS', fenced: true },
  29: { name: 'TOPIC_AUTHORIZATION_FAILED' },
  30: { name: 'GROUP_AUTHORIZATION_FAILED' },
  31: { name: 'CLUSTER_AUTHORIZATION_FAILED' },
  33: { name: 'UNSUPPORTED_SASL_MECHANISM' },
  34: { name: 'ILLEGAL_SASL_STATE' },
  35: { name: 'UNSUPPORTED_VERSION' },
  45: { name: 'OUT_OF_ORDER_SEQUENCE_NUMBER' },
  46: { name: 'DUPLICATE_SEQUENCE_NUMBER' },
  47: { name: 'INVALID_PRODUCER_EPOCH' },
  56: { name: 'KAFKA_STORAGE_ERROR', retry: true, stale: true },
  58: { name: 'SASL_AUTHENTICATION_FAILED' },
  59: { name: 'UNKNOWN_PRODUCER_ID' },
  72: { name: 'LISTENER_NOT_FOUND', retry: true, stale: true },
  74: { name: 'FENCED_LEADER_EPOCH', retry: true, stale: true },
  75: { name: 'UNKNOWN_LEADER_EPOCH', retry: true, stale: true },
  78: { name: 'OFFSET_NOT_AVAILABLE', retry: true },
  79: { name: 'MEMBER_ID_REQUIRED' },
  82: { name: 'FENCED_INSTANCE_ID', fenced: true },
  87: { name: 'INVALID_RECORD' },
  89: { name: 'THROTTLING_QUOTA_EXCEEDED', retry: true },
  90: { name: 'PRODUCER_FENCED' },
} as const satisfies Record<number, { name: string; retry?: true; stale?: true; fenced?: true }>

type Known = (typeof known)[keyof typeof known]
export type KafkaErrorName = Known['name'] | 'UNKNOWN'

/** A broker's refusal. */
export class KafkaError extends Error {
  /** The broker's name for it. */
  readonly code: KafkaErrorName
  readonly retry: boolean
  readonly stale: boolean
  readonly fenced: boolean

  constructor(number: number, doing: string) {
    const { name, retry, stale, fenced }: { name: KafkaErrorName; retry?: true; stale?: true; fenced?: true } = (
      known as Readonly<Record<number, Known>>
    )[number] ?? { name: 'UNKNOWN' }
    super(`A broker refused ${doing}: ${name} (${number}).`)
    this.name = 'KafkaError'
    this.code = name
    this.retry = retry ?? false
    this.stale = stale ?? false
    this.fenced = fenced ?? false
  }
}

/** Throws what a broker's error number says; 0 is none. */
export function refuse(number: number, doing: string): void {
  if (number !== 0) throw new KafkaError(number, doing)
}

export const isRefused = (error: unknown, code: KafkaErrorName): boolean =>
  error instanceof KafkaError && error.code === code
