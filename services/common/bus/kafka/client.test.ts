import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createServer, type TLSSocket } from 'node:tls'
import type { Kafka } from 'kafkajs'
import { silentLog } from '../../log/log.ts'
import { TestAuthority } from '../../testing/certificates.ts'
import { TestMount } from '../../testing/mount.ts'
import { TlsFiles } from '../../tls/material.ts'
import { kafkaClient } from './client.ts'
import type { KafkaOptions } from './options.ts'

const [old, fresh] = await Promise.all([TestAuthority.create(), TestAuthority.create()])
const [oldBroker, freshBroker] = [await old.issue('kafka'), await fresh.issue('kafka')]
const [oldOwn, freshOwn] = [await old.issue('event-collector'), await fresh.issue('event-collector')]
const pem = (dir: string, name: string) => readFileSync(join(dir, name))
const server = (dir: string, ca: string) => ({ cert: pem(dir, 'tls.crt'), key: pem(dir, 'tls.key'), ca })

/** Shakes hands, asks for a certificate, and hangs up. */
const broker = createServer({ ...server(oldBroker, old.ca), requestCert: true, rejectUnauthorized: false })
const callers: (string | undefined)[] = []
broker.on('secureConnection', (socket: TLSSocket) => {
  callers.push(socket.getPeerCertificate().fingerprint256)
  socket.on('error', () => {})
  socket.destroy()
})
broker.on('tlsClientError', () => {})
broker.listen(0, '127.0.0.1')
await once(broker, 'listening')
after(() => broker.close())

const mount = new TestMount(oldOwn)
const tls = new TlsFiles(mount.dir, silentLog, 3_600_000)
after(() => tls.close())

function clientOf(more: Partial<KafkaOptions> = {}) {
  const brokers = [`127.0.0.1:${(broker.address() as AddressInfo).port}`]
  const options = { brokers, tls, clientId: 'test', log: silentLog, ...more }
  return kafkaClient(options, { requestTimeoutMs: 5_000, retry: { retries: 0 } })
}

/** One connection; says how it failed. */
const attempt = (client: Kafka): Promise<string> =>
  client
    .admin()
    .connect()
    .then(
      () => 'connected',
      (error: Error) => error.message,
    )

test('each new connection shows the certificate and trusts the authority of then', async () => {
  const client = clientOf()
  await attempt(client)
  assert.equal(callers.length, 1)
  mount.put(freshOwn)
  tls.reload()
  assert.match(await attempt(client), /certificate|self-signed/i)
  broker.setSecureContext(server(freshBroker, fresh.ca))
  await attempt(client)
  assert.equal(callers.length, 2)
  assert.ok(callers[0] && callers[1])
  assert.notEqual(callers[0], callers[1])
})

test('with tokens no certificate of ours is shown, and our authority vouches for nobody', async () => {
  let asked = 0
  const tokens = {
    token: async () => {
      asked++
      return { value: 'x', expiresAt: Number.POSITIVE_INFINITY }
    },
  }
  callers.length = 0
  assert.match(await attempt(clientOf({ tokens })), /certificate|self-signed/i)
  assert.deepEqual([callers, asked], [[], 0])
})
