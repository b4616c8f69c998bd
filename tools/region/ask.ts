import type { IncomingHttpHeaders } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import { text } from 'node:stream/consumers'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** One request, tried once, and its whole answer, whatever its status. `timeout` bounds each silence, `signal` the exchange. Throws where no answer comes. */
export function ask(url: URL | string, options: RequestOptions, body?: Buffer | string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (answer) => {
      text(answer).then(
        (read) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: read }),
        reject,
      )
    })
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${(options.timeout ?? 0) / 1_000} s`)))
    sent.on('error', reject)
    sent.end(body)
  })
}
