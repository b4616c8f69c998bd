import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { check, requirements } from './check.ts'
import { Rest } from './rest.ts'

/** All but the one that waits for a model to go away. */
const quick = requirements.filter(({ id }) => id !== 'R4')

/** A server that answers everything alike. */
async function results(status: number, body: string): Promise<Record<string, string>> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const rest = new Rest(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  try {
    const all = await check({ rest, grpc: undefined, model: 'm', echo: 'echo-' }, quick)
    return Object.fromEntries(all.map(({ id, outcome }) => [id, outcome]))
  } finally {
    rest.close()
    server.close()
  }
}

test('a server that says yes to everything meets next to nothing', async () => {
  const seen = await results(200, '{}')
  const passed = Object.entries(seen).filter(([, outcome]) => outcome === 'pass')
  assert.deepEqual(
    passed.map(([id]) => id),
    ['H1', 'H3', 'H5', 'R6'],
  )
  assert.equal(seen.G1, 'not applicable')
})

test('a server that refuses everything well meets the refusals alone', async () => {
  const seen = await results(404, '{"error":"no"}')
  assert.deepEqual(
    [seen.H1, seen.H8, seen.M6, seen.E1, seen.I1, seen.R7],
    ['fail', 'pass', 'pass', 'pass', 'fail', 'pass'],
  )
  // Those that need to know the model first cannot pass by refusing.
  assert.equal(seen.E4, 'fail')
  assert.equal(seen.E18, 'fail')
})
