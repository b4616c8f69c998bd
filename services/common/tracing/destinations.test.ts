import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { ConfigError, readConfig } from '../config/reader.ts'
import { testTls } from '../testing/server.ts'
import { fileDestination, otlpDestination } from './destinations.ts'
import { tracingConfig } from './open.ts'

const never = new AbortController().signal

async function receiver(answer: RequestListener) {
  const { authority, tls } = await testTls('opentelemetry-collector')
  const { cert, key, ca } = tls.current
  const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true }, answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const destination = otlpDestination(new URL(`https://127.0.0.1:${port}/v1/traces`), tls)
  const close = async () => {
    destination.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    tls.close()
  }
  return { destination, close, authority, port }
}

test('a request goes over mutual TLS, on one connection, and the answer says what became of it', async () => {
  const bodies: string[] = []
  const ports = new Set<number | undefined>()
  const answers: readonly (readonly [number, string, Record<string, string>?])[] = [
    [200, ''],
    [200, '{"partialSuccess":{"rejectedSpans":"4"}}'],
    [200, '{"partialSuccess":'],
    [503, '', { 'retry-after': '3' }],
    [429, ''],
    [400, 'no'],
    [301, '', { location: 'https://elsewhere.example' }],
  ]
  let at = 0
  const { destination, close } = await receiver((request, response) => {
    ports.add(request.socket.remotePort)
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      bodies.push(`${request.method} ${request.headers['content-type']} ${body}`)
      const [status, text, headers] = answers[at++]!
      response.writeHead(status, headers).end(text)
    })
  })
  const outcomes = []
  for (const _ of answers) outcomes.push(await destination.send('{"a":1}', never))
  assert.deepEqual(outcomes, [
    { is: 'taken', rejected: 0 },
    { is: 'taken', rejected: 4 },
    { is: 'taken', rejected: 0 },
    { is: 'later', reason: 'HTTP_503', afterMs: 3_000 },
    { is: 'later', reason: 'HTTP_429' },
    { is: 'never', reason: 'HTTP_400' },
    { is: 'never', reason: 'HTTP_301' },
  ])
  assert.deepEqual([...new Set(bodies)], ['POST application/json {"a":1}'])
  assert.equal(ports.size, 1)
  await close()
})

test('nobody there, no answer, and one that never ends are tried again later', async () => {
  const { destination, close, port } = await receiver((request, response) => {
    request.resume()
    if (request.url === '/v1/traces') return
    response.writeHead(200).write('{')
  })
  assert.deepEqual(await destination.send('{}', AbortSignal.timeout(50)), { is: 'later', reason: 'TIMEOUT' })
  await close()
  const { tls } = await testTls()
  const gone = otlpDestination(new URL(`https://127.0.0.1:${port}/v1/traces`), tls)
  assert.deepEqual(await gone.send('{}', never), { is: 'later', reason: 'ECONNREFUSED' })
  gone.close()
  tls.close()
})

test('a file gets a request a line, and does not grow for ever', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nd-traces-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'traces.jsonl')
  const file = fileDestination(pathToFileURL(path))
  await file.send('{"a":1}', never)
  await file.send('{"a":2}', never)
  file.close()
  assert.equal(readFileSync(path, 'utf8'), '{"a":1}\n{"a":2}\n')
  truncateSync(path, 64 * 2 ** 20 - 4)
  const full = fileDestination(pathToFileURL(path))
  assert.deepEqual(await full.send('{"a":3}', never), { is: 'never', reason: 'FILE_FULL' })
  full.close()
})

test('where traces go must be safe to go to', () => {
  const of = (ND_TRACES?: string) => readConfig({ ...(ND_TRACES ? { ND_TRACES } : {}) }, tracingConfig).traces?.href
  assert.equal(of(), undefined)
  assert.equal(of('none'), undefined)
  for (const good of ['https://collector.example:4318/v1/traces', 'http://127.0.0.1:4318/v1/traces', 'file:///tmp/t'])
    assert.equal(of(good), good)
  for (const bad of ['http://collector.example/v1/traces', 'ftp://x', 'collector', 'https://user:secret@x/'])
    assert.throws(() => of(bad), ConfigError, bad)
})
