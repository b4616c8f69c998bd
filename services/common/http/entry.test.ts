import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { after, test } from 'node:test'
import { listenConfig } from '../config/process.ts'
import { type ConfigError, readConfig } from '../config/reader.ts'
import { silentLog } from '../log/log.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { plainCall, testTls } from '../testing/server.ts'
import { authenticate } from './bearer.ts'
import { readRequestBody } from './body.ts'
import { entryServer } from './entry.ts'
import { httpMetrics, type Routes } from './server.ts'

const { tls, call } = await testTls()
after(() => tls.close())

const tenants = new Map([['nd_acme', { name: 'acme', homeRegion: 'local' as const, quota: undefined }]])
const routes: Routes = {
  'GET /who': ({ request }) => ({
    status: 200,
    body: authenticate(request, { find: (token) => tenants.get(token) }).name,
  }),
  'POST /echo': async ({ request }) => ({
    status: 200,
    body: { size: (await readRequestBody(request, { maxBytes: 1_000 })).length },
  }),
}
const metrics = httpMetrics(createMetrics({ process: false }), 0.1)
const readiness = { ready: true, reasons: [] as string[] }
const lifecycle = { readiness: () => readiness }

/** The entry of a process that was told so much of ND_…. */
async function serve(t: { after(end: () => unknown): void }, env: Record<string, string>): Promise<number> {
  const { entry } = readConfig({ ND_HTTPS_PORT: '0', ...env }, (reader) => listenConfig(reader, 'analytics'))
  const server = entryServer({ entry, tls, lifecycle, log: silentLog, routes, metrics })
  const port = await server.listen()
  t.after(() => server.stop(0))
  return port
}
const proxied = { ND_ENTRY: 'proxied' }
const direct = { ND_LISTEN: '127.0.0.1' }

test('by itself a service has TLS; behind a proxy it answers in the clear', async (t) => {
  const [open, closed] = [await serve(t, proxied), await serve(t, direct)]
  const headers = { authorization: 'Bearer nd_acme' }
  assert.equal((await plainCall(open, '/who', { headers })).body, 'acme')
  assert.equal((await call(closed, '/who', { headers })).body, 'acme')
  await assert.rejects(plainCall(closed, '/who', { headers }))
  await assert.rejects(call(open, '/who', { headers }))
})

test('in the clear nobody is answered but on the loopback address, whatever ND_LISTEN says', async (t) => {
  const port = await serve(t, { ...proxied, ND_LISTEN: '0.0.0.0' })
  const answers = async (host: string): Promise<boolean> => {
    const socket = connect({ host, port })
    const answered = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    return answered
  }
  const elsewhere = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
  assert.equal(await answers('127.0.0.1'), true)
  for (const host of ['127.0.0.2', ...elsewhere]) assert.equal(await answers(host), false, host)
})

test('everybody may ask whether the service is ready, and hears no reason', async (t) => {
  const [open, closed] = [await serve(t, proxied), await serve(t, direct)]
  t.after(() => Object.assign(readiness, { ready: true, reasons: [] }))
  for (const [ready, status] of [
    [true, 200],
    [false, 503],
  ] as const) {
    Object.assign(readiness, { ready, reasons: ready ? [] : ['hot tier: it is away.'] })
    for (const reply of [await plainCall(open, '/readyz'), await call(closed, '/readyz')])
      assert.deepEqual([reply.status, reply.json], [status, { ready }])
  }
})

test('what a gateway says of a caller is no identity: only the token is', async (t) => {
  const port = await serve(t, proxied)
  const headers = {
    'x-forwarded-client-cert':
      'By=spiffe://x/ns/siem/sa/analytics;URI=spiffe://x/ns/istio-system/sa/istio-ingressgateway',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-user': 'acme',
    'x-forwarded-proto': 'https',
  }
  const reply = await plainCall(port, '/who', { headers })
  assert.deepEqual([reply.status, reply.json.error], [401, 'NO_TOKEN'])
  const known = await plainCall(port, '/who', { headers: { ...headers, authorization: 'Bearer nd_acme' } })
  assert.equal(known.body, 'acme')
})

test('a request behind a proxy is as large as any other and no larger', async (t) => {
  const port = await serve(t, proxied)
  const send = (size: number) => plainCall(port, '/echo', { method: 'POST', body: Buffer.alloc(size) })
  assert.deepEqual((await send(1_000)).json, { size: 1_000 })
  assert.equal((await send(1_001)).status, 413)
  assert.equal((await plainCall(port, '/who', { headers: { 'x-long': 'y'.repeat(20_000) } })).status, 431)
})

test('behind a proxy an idle connection is the proxy’s to end; elsewhere it is told when we do', async (t) => {
  const keepAlive = { headers: { connection: 'keep-alive' } }
  const behind = await plainCall(await serve(t, proxied), '/readyz', keepAlive)
  const before = await call(await serve(t, direct), '/readyz', keepAlive)
  assert.deepEqual([behind.headers.connection, behind.headers['keep-alive']], ['keep-alive', undefined])
  assert.deepEqual([before.headers.connection, before.headers['keep-alive']], ['keep-alive', 'timeout=65'])
})

test('ND_ENTRY knows two words', () => {
  const read = (env: Record<string, string>) => readConfig(env, (reader) => listenConfig(reader, 'analytics')).entry
  assert.deepEqual(read({}), { kind: 'tls', host: '0.0.0.0', port: 8443 })
  assert.deepEqual(read(proxied), { kind: 'proxied', port: 8443 })
  assert.throws(
    () => read({ ND_ENTRY: 'plain' }),
    (error: ConfigError) => /ND_ENTRY is 'plain'; it must be one of tls, proxied/.test(error.message),
  )
})
