import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createServer, getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { silentLog } from '../../../log/log.ts'
import { TestAuthority } from '../../../testing/certificates.ts'
import { TestMount } from '../../../testing/mount.ts'
import { TlsFiles } from '../../../tls/material.ts'
import type { KafkaOptions } from '../options.ts'
import { saslAuthenticate, saslHandshake } from './cluster-apis.ts'
import { Connection, ConnectionError } from './connection.ts'
import { Frames } from './frames.ts'
import { heartbeat } from './group-apis.ts'
import { Writer } from './writer.ts'

const [old, fresh] = await Promise.all([TestAuthority.create(), TestAuthority.create()])
const [oldBroker, freshBroker] = [await old.issue('kafka'), await fresh.issue('kafka')]
const pem = (dir: string, name: string) => readFileSync(join(dir, name))
const server = (dir: string, ca: string) => ({ cert: pem(dir, 'tls.crt'), key: pem(dir, 'tls.key'), ca })

/** A broker that answers by `answer`: the body after the correlation, or nothing. */
const broker = createServer({ ...server(oldBroker, old.ca), requestCert: true, rejectUnauthorized: false })
let answer: (api: number, body: Buffer) => Buffer | undefined
const asked: number[] = []
const callers: (string | undefined)[] = []
broker.on('secureConnection', (socket: TLSSocket) => {
  callers.push(socket.getPeerCertificate().fingerprint256)
  socket.on('error', () => {})
  const frames = new Frames((frame) => {
    const api = frame.readInt16BE(0)
    asked.push(api)
    const body = answer(api, frame.subarray(10 + frame.readInt16BE(8)))
    if (body === undefined) return
    socket.write(
      new Writer()
        .int32(4 + body.length)
        .raw(frame.subarray(4, 8))
        .raw(body).bytes,
    )
  })
  socket.on('data', (chunk: Buffer) => frames.push(chunk))
})
broker.on('tlsClientError', () => {})
broker.listen(0, '127.0.0.1')
await once(broker, 'listening')

const mount = new TestMount(await old.issue('event-collector'))
const tls = new TlsFiles(mount.dir, silentLog, 3_600_000)
const opened: Connection[] = []
after(() => {
  for (const connection of opened) connection.close()
  broker.close()
  tls.close()
})
beforeEach(() => {
  answer = () => new Writer().int32(0).int16(0).bytes
  asked.length = 0
  callers.length = 0
})

async function open(more: Partial<KafkaOptions> = {}, requestTimeoutMs = 5_000): Promise<Connection> {
  const { port } = broker.address() as AddressInfo
  const options = { brokers: [], tls, clientId: 'test', log: silentLog, ...more }
  const limits = { connectTimeoutMs: 5_000, requestTimeoutMs }
  const connection = await Connection.open(options, { host: '127.0.0.1', port }, limits)
  opened.push(connection)
  return connection
}

const member = { group: 'g', generation: 1, memberId: 'm', instanceId: null }
const failure = (code: string) => (error: unknown) => error instanceof ConnectionError && error.code === code

test('requests are answered in turn', async () => {
  const connection = await open()
  const answers = await Promise.all([1, 2, 3].map(() => connection.request(heartbeat, member)))
  assert.deepEqual(answers, [{ error: 0 }, { error: 0 }, { error: 0 }])
})

test('without an answer in time the connection is over, and so is all that was under way', async () => {
  answer = () => undefined
  const connection = await open({}, 30)
  const [first, second] = [connection.request(heartbeat, member), connection.request(heartbeat, member, 5_000)]
  await assert.rejects(first, failure('NO_ANSWER'))
  await assert.rejects(second, failure('NO_ANSWER'))
  assert.equal(connection.open, false)
  await assert.rejects(connection.request(heartbeat, member), failure('NO_ANSWER'))
})

test('an answer that cannot be read fails its request and ends the connection', async () => {
  answer = () => Buffer.alloc(1)
  const connection = await open()
  await assert.rejects(connection.request(heartbeat, member), /ends before/)
  assert.equal(connection.open, false)
})

test('each new connection shows the certificate and trusts the authority of then', async () => {
  await (await open()).request(heartbeat, member)
  mount.put(await fresh.issue('event-collector'))
  tls.reload()
  await assert.rejects(open(), failure('UNREACHABLE'))
  broker.setSecureContext(server(freshBroker, fresh.ca))
  await (await open()).request(heartbeat, member)
  assert.equal(new Set(callers).size, 2)
  assert.ok(callers.every((caller) => caller !== undefined))
})

const tokens = () => {
  const provider = {
    asked: 0,
    token: async () => ({ value: `secret-${++provider.asked}`, expiresAt: Number.POSITIVE_INFINITY }),
  }
  return provider
}

test('with tokens our authority vouches for nobody, and whoever it is gets no token', async () => {
  const provider = tokens()
  await assert.rejects(open({ tokens: provider }), failure('UNREACHABLE'))
  assert.equal(provider.asked, 0)
  assert.deepEqual(asked, [])
})

test('a session is renewed before it ends, and nothing else is sent in between', async (t) => {
  const authorities = getCACertificates('default')
  t.after(() => setDefaultCACertificates(authorities))
  setDefaultCACertificates([...authorities, fresh.ca])
  const shown: string[] = []
  answer = (api, body) => {
    if (api === saslHandshake.key) return new Writer().int16(0).array([], () => {}).bytes
    if (api !== saslAuthenticate.key) return new Writer().int32(0).int16(0).bytes
    shown.push(/secret-\d+/.exec(body.toString())?.[0] ?? '')
    return new Writer().int16(0).string(null).bytesField(Buffer.alloc(0)).int64(100n).bytes
  }
  const provider = tokens()
  const connection = await open({ tokens: provider })
  // Again and again, so that some come while a session is renewed.
  while (shown.length < 4) {
    await Promise.all([connection.request(heartbeat, member), connection.request(heartbeat, member)])
    await delay(1)
  }
  connection.close()
  assert.equal(new Set(shown).size, shown.length)
  for (const [i, api] of asked.entries())
    if (api === saslHandshake.key) assert.equal(asked[i + 1], saslAuthenticate.key, 'the token follows at once')
})

test('a refused token opens nothing and is in no error', async (t) => {
  const authorities = getCACertificates('default')
  t.after(() => setDefaultCACertificates(authorities))
  setDefaultCACertificates([...authorities, fresh.ca])
  answer = (api) =>
    api === saslHandshake.key
      ? new Writer().int16(0).array([], () => {}).bytes
      : new Writer().int16(0).string(null).bytesField(Buffer.from('{"status":"invalid_token secret-1"}')).int64(0n)
          .bytes
  await assert.rejects(open({ tokens: tokens() }), (error: Error) => {
    assert.match(error.message, /does not take our token/)
    assert.doesNotMatch(`${error.stack}`, /secret/)
    return true
  })
})
