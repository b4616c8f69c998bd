import { randomUUID } from 'node:crypto'
import { HttpError } from '../../common/http/errors.ts'

const pattern = /^[A-Za-z0-9._:-]{1,128}$/

/** The sender's Idempotency-Key, or an id of ours where it sends none. Throws HttpError 400. */
export function batchId(header: string | string[] | undefined): string {
  if (header === undefined) return randomUUID()
  if (typeof header === 'string' && pattern.test(header)) return header
  throw new HttpError(
    400,
    'BAD_BATCH_ID',
    "The Idempotency-Key must be 1 to 128 characters of A-Z, a-z, 0-9, '.', '_', ':' and '-'.",
  )
}
