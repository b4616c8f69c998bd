import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { generate } from './generator.ts'

async function withServer<T>(
  answer: (n: number) => { status: number; body: string },
  use: (port: number) => Promise<T>,
): Promise<T> {
  let n = 0
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      const { status, body } = answer(n++)
      response.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await use((server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const request = Buffer.from('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}').toString('base64')

test('an open loop sends what is due and counts each answer once, large ones too', async () => {
  const big = 'x'.repeat(200_000)
  const measured = await withServer(
    () => ({ status: 200, body: big }),
    (port) =>
      generate({ host: '127.0.0.1', port, request, connections: 8, rate: 100, seconds: 0.5, warmUpSeconds: 0.1 }),
  )
  assert.ok(Math.abs(measured.requests - 50) <= 1, String(measured.requests))
  assert.deepEqual(measured.failed, { status: 0, broken: 0 })
  assert.ok(measured.p50 > 0 && measured.p50 <= measured.p99 && measured.p99 <= measured.max)
})

test('an error status is a failure, in a closed loop', async () => {
  const measured = await withServer(
    (n) => ({ status: n % 2 === 0 ? 200 : 503, body: 'x' }),
    (port) => generate({ host: '127.0.0.1', port, request, connections: 1, seconds: 0.3, warmUpSeconds: 0 }),
  )
  assert.ok(
    measured.requests > 0 && Math.abs(measured.requests - measured.failed.status) <= 1,
    JSON.stringify(measured),
  )
})
