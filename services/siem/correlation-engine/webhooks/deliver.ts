import { createHmac } from 'node:crypto'
import { request } from 'node:https'
import type { LookupFunction } from 'node:net'
import { AddressError } from './addresses.ts'

export interface Delivery {
  readonly url: URL
  /** Key of the signature. */
  readonly key: Buffer
  /** The alert's id, by which a receiver knows a repetition. */
  readonly id: string
  readonly body: Buffer
}

/** How an attempt ended. `refused`: repeating it will not help. */
export type Outcome =
  | { readonly is: 'done' }
  | { readonly is: 'failed'; readonly reason: string }
  | { readonly is: 'refused'; readonly reason: string }

export interface DeliverOptions {
  readonly timeoutMs: number
  readonly lookup: LookupFunction
  /** Authorities that receivers are believed by. Default: Node's own. */
  readonly ca?: string | Buffer
  /** Seconds since the epoch. */
  readonly now?: () => number
}

/** `v1=` and the HMAC-SHA256, in hexadecimal digits, of the time in seconds, a dot and the body. */
export const signature = (key: Buffer, seconds: number, body: Buffer): string =>
  `v1=${createHmac('sha256', key).update(`${seconds}.`).update(body).digest('hex')}`

/** Answers that a later attempt may better: too slow, too early, too many. */
const passing = new Set([408, 425, 429])

/** Sends one alert once. A redirect is not followed: it could lead anywhere. Never rejects. */
export function deliver({ url, key, id, body }: Delivery, options: DeliverOptions): Promise<Outcome> {
  const { timeoutMs, lookup, ca, now = () => Math.floor(Date.now() / 1_000) } = options
  const seconds = now()
  return new Promise((resolve) => {
    const call = request(
      url,
      {
        method: 'POST',
        agent: false,
        lookup,
        minVersion: 'TLSv1.2',
        ...(ca === undefined ? {} : { ca }),
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          'content-length': body.length,
          'user-agent': 'neurodefender-webhooks/1',
          'nd-alert': id,
          'nd-time': seconds,
          'nd-signature': signature(key, seconds, body),
        },
      },
      (response) => {
        const status = response.statusCode ?? 0
        // What it says beside its status interests nobody.
        response.destroy()
        if (status >= 200 && status < 300) resolve({ is: 'done' })
        else {
          const again = status >= 500 || passing.has(status)
          resolve({ is: again ? 'failed' : 'refused', reason: `HTTP_${status}` })
        }
      },
    )
    call.on('error', (error: NodeJS.ErrnoException) => {
      if (error instanceof AddressError) resolve({ is: 'refused', reason: error.code })
      else
        resolve({
          is: 'failed',
          reason: error.name === 'AbortError' || error.name === 'TimeoutError' ? 'TIMEOUT' : (error.code ?? 'FAILED'),
        })
    })
    call.end(body)
  })
}
