import type { IncomingMessage } from 'node:http'
import { readRequestBody } from '../../common/http/body.ts'
import { HttpError } from '../../common/http/errors.ts'
import { badQuery } from './question.ts'

/** The longest question. */
const maxBodyBytes = 65_536

/** The question in a request's body. Throws HttpError 400 BAD_QUERY, 413 TOO_LARGE, or what reading the body throws. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  let body: Buffer
  try {
    body = await readRequestBody(request, { maxBytes: maxBodyBytes })
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 413) throw error
    throw new HttpError(413, 'TOO_LARGE', `A question has at most ${maxBodyBytes} bytes. Ask with fewer conditions.`)
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw badQuery(['The body must be JSON in UTF-8, such as {"groupBy":["channel"]}.'])
  }
}
