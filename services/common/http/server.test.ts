import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { Lifecycle } from '../lifecycle/lifecycle.ts'
import { silentLog } from '../log/log.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { testTls } from '../testing/server.ts'
import { adminServer } from './admin.ts'
import { readRequestBody } from './body.ts'
import { HttpError, retryLater } from './errors.ts'
import { HttpServer, httpMetrics, type Routes } from './server.ts'

const { authority, tls, call } = await testTls()
after(() => tls.close())

let arrived = Promise.withResolvers<void>()
let answer = Promise.withResolvers<string>()
const routes: Routes = {
  'GET /text': () => ({ status: 200, body: 'hello' }),
  'GET /slow': async () => {
    arrived.resolve()
    return { status: 200, body: await answer.promise }
  },
  'GET /broken': () => {
    throw new Error('a secret detail')
  },
  'GET /busy': () => {
    throw retryLater(503, 'BUSY', 'Come again.', 1_500)
  },
  'POST /echo': async ({ request }) => ({
    status: 200,
    body: { size: (await readRequestBody(request, { maxBytes: 1_000 })).length },
  }),
  'POST /refused': () => {
    throw new HttpError(401, 'NO_TOKEN', 'No.')
  },
}

const metrics = createMetrics({ process: false })
const server = new HttpServer({
  listener: { kind: 'tls', host: '127.0.0.1', port: 0, tls },
  log: silentLog,
  routes,
  metrics: httpMetrics(metrics, 0.1),
})
let port = 0
before(async () => {
  port = await server.listen()
})

test('answers routes; what is none says what there is', async () => {
  assert.equal((await call(port, '/text')).body, 'hello')
  const lost = await call(port, '/elsewhere/1234')
  assert.deepEqual([lost.status, lost.json.error], [404, 'NOT_FOUND'])
  const wrong = await call(port, '/echo')
  assert.deepEqual([wrong.status, wrong.headers.allow, wrong.json.message], [405, 'POST', '/echo takes POST.'])
})

test('a failure of ours shows nothing of itself; a refusal carries Retry-After in whole seconds', async () => {
  const broken = await call(port, '/broken')
  assert.equal(broken.status, 500)
  assert.doesNotMatch(broken.body, /secret detail/)
  const busy = await call(port, '/busy')
  assert.deepEqual([busy.status, busy.headers['retry-after'], busy.json.error], [503, '2', 'BUSY'])
})

test('metrics carry known paths only', async () => {
  const text = await metrics.text()
  assert.match(text, /nd_http_requests_total\{route="\/text",method="GET",status="200"\} 1/)
  assert.match(text, /nd_http_requests_total\{route="other",method="GET",status="404"\} 1/)
  assert.doesNotMatch(text, /elsewhere/)
})

test('a body that nobody reads is answered, and its connection ends', async () => {
  const reply = await call(port, '/refused', { method: 'POST', body: Buffer.alloc(3_000_000) })
  assert.deepEqual([reply.status, reply.headers.connection], [401, 'close'])
})

test('a refused sender may send its body to the end: the answer is not lost to a reset', async () => {
  const socket = connect({ host: '127.0.0.1', port, ca: authority.ca })
  const said: string[] = []
  socket.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const failed = once(socket, 'error').then(([error]) => error as Error)
  const ended = once(socket, 'end')
  const send = (text: string) => new Promise<void>((resolve) => socket.write(text, () => resolve()))
  const body = 'x'.repeat(100_000)
  await send(`POST /refused HTTP/1.1\r\nHost: test\r\nContent-Length: ${2 * body.length}\r\n\r\n${body}`)
  while (!said.join('').includes('NO_TOKEN')) await once(socket, 'data')
  // Two exchanges later the server has done all that it does by itself after its answer.
  for (let i = 0; i < 2; i++) await call(port, '/text')
  assert.equal(socket.readableEnded, false, 'the connection is open while the body is on its way')
  await send(body)
  assert.equal(await Promise.race([ended.then(() => 'ended'), failed]), 'ended')
  socket.destroy()
})

test('Expect: 100-continue: a sender that is refused by its headers keeps its body', async () => {
  const expecting = async (path: string, length: number) => {
    const req = request({ port, host: '127.0.0.1', ca: authority.ca, path, method: 'POST', agent: false })
    req.setHeader('expect', '100-continue')
    req.setHeader('content-length', length)
    let continued = false
    req.on('continue', () => {
      continued = true
      req.end(Buffer.alloc(length))
    })
    req.flushHeaders()
    const [res] = await once(req, 'response')
    res.resume()
    req.destroy()
    return [continued, res.statusCode]
  }
  assert.deepEqual(await expecting('/echo', 500), [true, 200])
  assert.deepEqual(await expecting('/echo', 5_000), [false, 413])
  assert.deepEqual(await expecting('/refused', 500), [false, 401])
})

test('a taken port is said in a sentence', async () => {
  const second = new HttpServer({ listener: { kind: 'tls', host: '127.0.0.1', port, tls }, log: silentLog, routes })
  await assert.rejects(second.listen(), new RegExp(`Port ${port} on 127.0.0.1 is in use`))
})

test('headers that never end are refused with 431', async () => {
  const socket = connect({ port, host: '127.0.0.1', ca: authority.ca })
  socket.write(`GET /text HTTP/1.1\r\nhost: x\r\nx-long: ${'y'.repeat(20_000)}`)
  const [data] = await once(socket, 'data')
  assert.match(data.toString(), /^HTTP\/1\.1 431 /)
  socket.destroy()
})

test('a new certificate is served without a restart; a broken one is not', async () => {
  const serial = async () => {
    const socket: TLSSocket = connect({ port, host: '127.0.0.1', ca: authority.ca })
    await once(socket, 'secureConnect')
    const { serialNumber } = socket.getPeerCertificate() as PeerCertificate
    socket.destroy()
    return serialNumber
  }
  const first = await serial()
  await authority.issue('event-collector')
  tls.reload()
  assert.notEqual(await serial(), first)
})

test('admin: probes need no certificate, metrics do; readiness follows the lifecycle', async () => {
  const lifecycle = new Lifecycle({ log: silentLog, deadlineMs: 1_000, exit: () => {} })
  const admin = adminServer({ host: '127.0.0.1', port: 0, tls, log: silentLog, lifecycle, metrics })
  const adminPort = await admin.listen()
  const status = async (path: string) => (await call(adminPort, path)).status
  assert.deepEqual([await status('/healthz'), await status('/readyz'), await status('/metrics')], [200, 503, 401])
  lifecycle.started()
  assert.equal(await status('/readyz'), 200)
  const dir = await authority.issue('prometheus')
  const cert = { cert: readFileSync(join(dir, 'tls.crt')), key: readFileSync(join(dir, 'tls.key')) }
  const scraped = await call(adminPort, '/metrics', { cert })
  assert.equal(scraped.status, 200)
  assert.match(scraped.body, /nd_utilization_ratio/)
  await admin.stop(1_000)
})

test('stopping lets an open request finish and takes no new one', async () => {
  arrived = Promise.withResolvers()
  answer = Promise.withResolvers()
  const open = call(port, '/slow')
  await arrived.promise
  const stopped = server.stop(10_000)
  await assert.rejects(call(port, '/text'), /ECONNREFUSED/)
  answer.resolve('finished')
  const reply = await open
  assert.deepEqual([reply.body, reply.headers.connection], ['finished', 'close'])
  await stopped
})
