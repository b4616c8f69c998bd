import { randomUUID } from 'node:crypto'
import type { Producer } from '../../../common/bus/bus.ts'
import { retryLater } from '../../../common/http/errors.ts'
import type { Log } from '../../../common/log/log.ts'
import type { CrossQuestion } from './question.ts'

/** What is written down of a question over all tenants, before it is answered. */
export interface AuditRecord {
  readonly version: 1
  readonly id: string
  /** ISO, UTC. */
  readonly at: string
  readonly region: string
  readonly operator: string
  readonly question: CrossQuestion
}

export interface AuditOptions {
  readonly producer: Pick<Producer, 'send'>
  readonly region: string
  readonly log: Log
}

const retryAfterMs = 5_000

/** The durable record of who asked what of all tenants: the topic `audit.queries`. */
export class Audit {
  readonly #options: AuditOptions

  constructor(options: AuditOptions) {
    this.#options = options
  }

  /** Resolves with the record's id when Kafka has it on all replicas. Throws HttpError 503 AUDIT_UNAVAILABLE: then nothing may be answered. */
  async record(operator: string, question: CrossQuestion): Promise<string> {
    const { producer, region, log } = this.#options
    const id = randomUUID()
    const record: AuditRecord = { version: 1, id, at: new Date().toISOString(), region, operator, question }
    const value = Buffer.from(JSON.stringify(record))
    try {
      await producer.send([{ topic: 'audit.queries', partition: 0, key: null, value }])
      return id
    } catch (error) {
      log.error('A question over all tenants was not answered: it could not be written down.', { error })
      throw retryLater(
        503,
        'AUDIT_UNAVAILABLE',
        'Questions over all tenants are written down before they are answered, and that is not possible now. Ask again after the time in Retry-After.',
        retryAfterMs,
      )
    }
  }
}
