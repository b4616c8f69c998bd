import { closeSync, fstatSync, openSync, write } from 'node:fs'
import { Agent as HttpAgent, type IncomingMessage, request as plainRequest } from 'node:http'
import { Agent, request as tlsRequest } from 'node:https'
import { fileURLToPath } from 'node:url'
import type { TlsFiles } from '../tls/material.ts'
import type { Destination, Outcome } from './exporter.ts'

/** OTLP's statuses after which the same may be sent again. */
const again = new Set([408, 429, 502, 503, 504])
/** The most that is read of an answer. */
const mostAnswer = 65_536
/** What a file may grow to: it is for looking at a few traces. */
const mostFile = 64 * 2 ** 20
const idleMs = 30_000

const retryAfterMs = (header: string | undefined): number | undefined =>
  header !== undefined && /^\d{1,4}$/.test(header) ? Number(header) * 1_000 : undefined

/** `rejectedSpans` is a number in 64 bits, which JSON writes as a text. */
function rejectedSpans(text: string): number {
  try {
    const { partialSuccess } = JSON.parse(text) as { partialSuccess?: { rejectedSpans?: unknown } }
    const count = Number(partialSuccess?.rejectedSpans ?? 0)
    return Number.isFinite(count) ? count : 0
  } catch {
    return 0
  }
}

/** Reads an answer within bounds. */
function answer(response: IncomingMessage, resolve: (outcome: Outcome) => void): void {
  const status = response.statusCode ?? 0
  let text = ''
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    if (text.length < mostAnswer) text += chunk
    else response.destroy()
  })
  const done = () => {
    const afterMs = retryAfterMs(response.headers['retry-after'])
    if (status >= 200 && status < 300) resolve({ is: 'taken', rejected: rejectedSpans(text) })
    else if (again.has(status)) resolve({ is: 'later', reason: `HTTP_${status}`, ...(afterMs ? { afterMs } : {}) })
    else resolve({ is: 'never', reason: `HTTP_${status}` })
  }
  response.on('end', done)
  response.on('close', done)
  response.on('error', done)
}

/** OTLP over HTTPS, with the process's own certificate, as it is at each new connection; over HTTP on the same machine alone. */
export function otlpDestination(url: URL, tls: Pick<TlsFiles, 'current'>): Destination {
  const secure = url.protocol === 'https:'
  const options = { keepAlive: true, maxSockets: 1, timeout: idleMs }
  const agent = secure ? new Agent(options) : new HttpAgent(options)
  return {
    send: (request, signal) =>
      new Promise((resolve) => {
        const body = Buffer.from(request)
        const { cert, key, ca } = tls.current
        const call = (secure ? tlsRequest : plainRequest)(
          url,
          {
            method: 'POST',
            agent,
            signal,
            headers: { 'content-type': 'application/json', 'content-length': body.length },
            ...(secure ? { cert, key, ca, minVersion: 'TLSv1.2' as const } : {}),
          },
          (response) => answer(response, resolve),
        )
        call.on('error', (error: NodeJS.ErrnoException) =>
          resolve({ is: 'later', reason: error.name === 'AbortError' ? 'TIMEOUT' : (error.code ?? 'FAILED') }),
        )
        call.end(body)
      }),
    close: () => agent.destroy(),
  }
}

/** A file with one request a line, as the file exporter of OpenTelemetry's collector writes them. Throws where it cannot be opened. */
export function fileDestination(url: URL): Destination {
  const file = openSync(fileURLToPath(url), 'a', 0o600)
  let size = fstatSync(file).size
  return {
    send: (request) =>
      new Promise((resolve) => {
        const line = Buffer.from(`${request}\n`)
        if (size + line.length > mostFile) return resolve({ is: 'never', reason: 'FILE_FULL' })
        size += line.length
        write(file, line, (error) =>
          resolve(error ? { is: 'never', reason: error.code ?? 'FAILED' } : { is: 'taken', rejected: 0 }),
        )
      }),
    close: () => closeSync(file),
  }
}
