import type { Kafka, LogEntry, logLevel, RetryOptions } from 'kafkajs'
import type { Log } from '../../log/log.ts'
import kafkajs from './kafkajs.ts'
import type { KafkaOptions } from './options.ts'
import { brokerSocket } from './socket.ts'

export interface ClientLimits {
  /** One exchange with a broker, milliseconds. */
  readonly requestTimeoutMs: number
  readonly retry: RetryOptions
}

/**
 * kafkajs waits 300 ms before its first retry unless told otherwise, and grows from there: too long for an exchange that a
 * sender waits for. About 6 s in all.
 */
export const briefRetries: RetryOptions = {
  initialRetryTime: 50,
  maxRetryTime: 1_000,
  multiplier: 2,
  factor: 0.2,
  retries: 9,
}

/** A kafkajs client over mutual TLS, or over TLS with tokens. Each new connection uses the certificate, or the token, that is current then. */
export function kafkaClient(options: KafkaOptions, limits: ClientLimits): Kafka {
  const { brokers, tokens, clientId, log } = options
  return new kafkajs.Kafka({
    clientId,
    brokers: [...brokers],
    ssl: true,
    ...(tokens
      ? {
          sasl: {
            mechanism: 'oauthbearer',
            oauthBearerProvider: async () => ({ value: (await tokens.token()).value }),
          },
        }
      : {}),
    connectionTimeout: 5_000,
    requestTimeout: limits.requestTimeoutMs,
    retry: limits.retry,
    logLevel: kafkajs.logLevel.INFO,
    logCreator: () => (entry) => writeEntry(log, entry),
    socketFactory: ({ host, port, onConnect }) => brokerSocket(options, { host, port }, onConnect),
  })
}

const levels: Partial<Record<logLevel, 'warn' | 'debug'>> = {
  [kafkajs.logLevel.ERROR]: 'warn',
  [kafkajs.logLevel.WARN]: 'warn',
}

/** These report single attempts, which are retried; what comes of them is logged where it is known. */
const attempts = new Set(['Connection', 'BrokerPool', 'Producer', 'Cluster'])

/** kafkajs calls what it retries an error; for us it is at most a warning, since the outcome reaches the caller. */
function writeEntry(log: Log, { namespace, level, log: { message, error, broker, retryCount } }: LogEntry): void {
  log[(attempts.has(namespace) ? undefined : levels[level]) ?? 'debug'](`kafka: ${message}`, {
    namespace,
    ...(error === undefined ? {} : { error: String(error) }),
    ...(broker === undefined ? {} : { broker }),
    ...(retryCount === undefined ? {} : { retryCount }),
  })
}
