import { type ClientRequest, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { after, before } from 'node:test'
import { HttpServer, type Routes } from '../http/server.ts'
import { silentLog } from '../log/log.ts'
import { TlsFiles } from '../tls/material.ts'
import { TestAuthority } from './certificates.ts'

export interface TestReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any shape, looked at by assertions
  readonly json: any
}

export interface TestCall {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: Buffer | string
  readonly cert?: { readonly cert: Buffer; readonly key: Buffer }
}

/** Sends a request and reads the whole answer. */
const exchange = (
  request: (answered: (response: IncomingMessage) => void) => ClientRequest,
  body: TestCall['body'],
): Promise<TestReply> =>
  new Promise((resolve, reject) => {
    const req = request((res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('error', reject)
      res.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const json = res.headers['content-type'] === 'application/json' ? JSON.parse(text) : undefined
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text, json })
      })
    })
    req.on('error', reject)
    req.end(body)
  })

/** A call in the clear, as the proxy in a pod makes it. */
export const plainCall = (port: number, path: string, { method = 'GET', headers = {}, body }: TestCall = {}) =>
  exchange((answered) => httpRequest({ port, path, method, headers, host: '127.0.0.1', agent: false }, answered), body)

/** An authority, a server's certificate, and calls that trust it. */
export async function testTls(name = 'event-collector') {
  const authority = await TestAuthority.create()
  const tls = new TlsFiles(await authority.issue(name), silentLog)
  const call = (port: number, path: string, { method = 'GET', headers = {}, body, cert }: TestCall = {}) => {
    const options = { port, path, method, headers, host: '127.0.0.1', ca: authority.ca, agent: false as const, ...cert }
    return exchange((answered) => httpsRequest(options, answered), body)
  }
  return { authority, tls, call }
}

/** A server of routes over TLS on loopback, there for all tests of a file, and gone after them together with its certificate. Its port is known in tests. */
export function serveAll(tls: TlsFiles, routes: Routes): { readonly port: number } {
  const server = new HttpServer({ listener: { kind: 'tls', host: '127.0.0.1', port: 0, tls }, log: silentLog, routes })
  const at = { port: 0 }
  before(async () => {
    at.port = await server.listen()
  })
  after(async () => {
    await server.stop(0)
    tls.close()
  })
  return at
}
