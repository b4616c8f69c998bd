import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Row } from './answer.ts'

/** Where a page ended: the sort key of its last row. */
export type Position = readonly (string | number)[]

const formatVersion = 1
const macBytes = 16
const maxLength = 1_024

/**
 * Places in the answers to searches, for callers to hand back. A cursor is sealed for the tenant and the question it came from: with another
 * tenant's token, or another question, it is none. It holds nothing but a row's sort key; whose rows are read the token says, never a cursor.
 */
export class Cursors {
  readonly #key: Buffer

  /** `secret`: the same for every replica. */
  constructor(secret: string) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'neurodefender search cursor', 32))
  }

  seal(position: Position, tenant: string, question: object): string {
    const body = Buffer.from(JSON.stringify(position))
    return Buffer.concat([Buffer.from([formatVersion]), this.#mac(body, tenant, question), body]).toString('base64url')
  }

  /** Undefined: not one of ours, or not for this. */
  open(cursor: string, tenant: string, question: object): Position | undefined {
    if (cursor.length > maxLength || !/^[A-Za-z0-9_-]+$/.test(cursor)) return undefined
    const bytes = Buffer.from(cursor, 'base64url')
    const mac = bytes.subarray(1, 1 + macBytes)
    const body = bytes.subarray(1 + macBytes)
    if (bytes[0] !== formatVersion || mac.length < macBytes) return undefined
    if (!timingSafeEqual(mac, this.#mac(body, tenant, question))) return undefined
    return JSON.parse(body.toString('utf8')) as Position
  }

  #mac(body: Buffer, tenant: string, question: object): Buffer {
    const about = createHash('sha256')
      .update(JSON.stringify([tenant, question]))
      .digest()
    return createHmac('sha256', this.#key).update(about).update(body).digest().subarray(0, macBytes)
  }
}

/** The sort key of an answer's row: its first cells. */
export const positionOf = (row: Row, length: number): Position => row.slice(0, length) as Position
