import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { deflateSync, gzipSync } from 'node:zlib'
import { HttpServer } from '../../../common/http/server.ts'
import type { ModelEntry } from '../../../common/inference/model-list.ts'
import { silentLog } from '../../../common/log/log.ts'
import { plainCall, type TestCall } from '../../../common/testing/server.ts'
import { parentage, recordingTracer } from '../../../common/testing/traces.ts'
import { InFlight } from '../in-flight.ts'
import { Repository } from '../serving/repository.ts'
import { FakeEngine, modelOf } from '../testing/fake-engine.ts'
import { RestRoutes } from './routes.ts'

const engine = new FakeEngine()
const limits = { maxBatch: 8, maxQueue: 8 }
const repository = new Repository({
  log: silentLog,
  load: async ({ name, version }) => modelOf(engine, { name, version, ...limits }),
})
const entry: ModelEntry = { name: 'm', version: '1', uri: new URL('file:///m'), sha256: '', batching: {} }
const inFlight = new InFlight(3_000)
let isReady = true
const { tracer, spans } = recordingTracer()
const rest = (control: boolean) =>
  new RestRoutes({
    repository,
    ready: () => isReady,
    control,
    maxBodyBytes: 2_000,
    maxTextBytes: 2_000,
    inFlight,
    tracer,
  })
const serve = (control: boolean) =>
  new HttpServer({
    listener: { kind: 'proxied', port: 0 },
    routes: {},
    find: rest(control).find,
    errorBody: ({ message }) => ({ error: message }),
    log: silentLog,
  })
const [server, guarded] = [serve(true), serve(false)]
let port: number
let guardedPort: number

before(async () => {
  await repository.set([entry])
  port = await server.listen()
  guardedPort = await guarded.listen()
})
after(() => Promise.all([server.stop(1_000), guarded.stop(1_000)]))

const get = (path: string) => plainCall(port, path)
const post = (path: string, body: TestCall['body'] = '', headers = {}) =>
  plainCall(port, path, { method: 'POST', body: body!, headers })
const rows = (...values: number[][]) =>
  JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [values.length, 2], data: values.flat() }] })
const infer = (body: TestCall['body'], headers = {}) => post('/v2/models/m/infer', body, headers)

test('health, metadata and readiness are at the paths of the protocol', async () => {
  assert.deepEqual((await get('/v2/health/live')).json, { live: true })
  assert.deepEqual((await get('/v2/health/ready')).json, { ready: true })
  isReady = false
  assert.equal((await get('/v2/health/ready')).status, 503)
  isReady = true
  assert.deepEqual((await get('/v2')).json.extensions, ['binary_tensor_data', 'model_repository'])
  for (const path of ['/v2/models/m', '/v2/models/m/versions/1'])
    assert.equal((await get(path)).json.inputs[0].name, 'x')
  assert.deepEqual((await get('/v2/models/m/versions/1/ready')).json, { name: 'm', ready: true })
})

test('an inference is one trace, and a question for health is none', async () => {
  spans.length = 0
  await get('/v2/health/ready')
  assert.equal(spans.length, 0)
  await infer(rows([1, 2], [3, 4]))
  const parts = ['read', 'parse', 'wait in line', 'pack', 'execute', 'unpack'].map((name) => `infer > ${name}`)
  assert.deepEqual(parentage(spans), [...parts, 'infer'])
  assert.deepEqual(spans.at(-1)?.attributes, { 'nd.model': 'm', 'nd.model.version': '1', 'nd.batch.rows': 2 })
  for (const { start, end } of spans) assert.ok(end! >= start)
  spans.length = 0
  await infer(rows([-1, 2]))
  assert.equal(spans.at(-1)?.failure, 'INTERNAL')
})

test('an inference by name, by version, and compressed', async () => {
  const body = rows([1, 2], [3, 4])
  for (const path of ['/v2/models/m/infer', '/v2/models/m/versions/1/infer', '/v2/models/%6d/infer']) {
    const { status, json } = await post(path, body)
    assert.deepEqual([status, json.model_version, json.outputs[1].data], [200, '1', [3, 7]])
  }
  for (const [coding, packed] of [
    ['gzip', gzipSync(body)],
    ['deflate', deflateSync(body)],
  ] as const)
    assert.equal((await infer(packed, { 'content-encoding': coding })).status, 200)
})

test('each failure has its status, and an object with a sentence', async () => {
  const cases: [Promise<{ status: number; json: { error: string } }>, number, RegExp][] = [
    [get('/v2/models/x'), 404, /There is no model 'x'/],
    [get('/v2/models/m/versions/9/ready'), 404, /version '9'/],
    [post('/v2/models/x/infer', rows([1, 2])), 404, /There is no model/],
    [get('/v2/models/m/infer'), 405, /takes POST/],
    [post('/v2/health/live'), 405, /takes GET/],
    [get('/v2/none'), 404, /nothing here/],
    [get('/v2/models/%ff'), 400, /not well encoded/],
    [infer('{'), 400, /not JSON/],
    [infer(rows([-1, 2])), 500, /The model failed/],
    [infer(rows(...new Array(9).fill([1, 2]))), 400, /9 rows/],
    [infer('x'.repeat(2_001)), 413, /larger than 2000 bytes/],
    [infer(gzipSync('x'.repeat(100_000)), { 'content-encoding': 'gzip' }), 413, /larger than 2000 bytes/],
    [infer('x', { 'content-encoding': 'br' }), 415, /not taken/],
    [infer(rows([1, 2]), { 'inference-header-content-length': '1e1' }), 400, /Inference-Header-Content-Length/],
    [infer(rows([1, 2]), { 'x-envoy-expected-rq-timeout-ms': '0.000001' }), 504, /deadline/],
  ]
  for (const [answer, status, text] of cases) {
    const { status: got, json } = await answer
    assert.equal(got, status, `${text}: ${json?.error}`)
    assert.match(json.error, text)
  }
})

test('a full queue is answered with 429 and when to come again', async () => {
  engine.hold()
  const first = infer(rows([1, 2]))
  while (repository.find('m', '1').batcher.running === 0) await new Promise(setImmediate)
  const second = infer(rows(...new Array(8).fill([1, 2])))
  while (repository.find('m', '1').batcher.queuedRows === 0) await new Promise(setImmediate)
  const { status, headers, json } = await infer(rows([1, 2]))
  assert.deepEqual([status, headers['retry-after'], /8 rows wait/.test(json.error)], [429, '1', true])
  engine.release()
  assert.deepEqual([(await first).status, (await second).status], [200, 200])
})

test('bytes that are here at once are limited, and given back', async () => {
  const socket = connect(port, '127.0.0.1')
  socket.write(`POST /v2/models/m/infer HTTP/1.1\r\nhost: x\r\ncontent-length: 2000\r\n\r\n${' '.repeat(1_999)}`)
  const large = `${rows([1, 2])}${' '.repeat(1_500)}`
  while ((await infer(large)).status === 200) await new Promise(setImmediate)
  assert.equal((await infer(large)).status, 503)
  socket.destroy()
  while ((await infer(large)).status !== 200) await new Promise(setImmediate)
})

test('who hangs up before the turn of the request frees its place', async () => {
  engine.hold()
  const first = infer(rows([1, 2]))
  const { batcher } = repository.find('m', '1')
  while (batcher.running === 0) await new Promise(setImmediate)
  const body = rows([5, 6])
  const socket = connect(port, '127.0.0.1')
  socket.write(`POST /v2/models/m/infer HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  while (batcher.queuedRows === 0) await new Promise(setImmediate)
  socket.destroy()
  while (batcher.queuedRows > 0) await new Promise(setImmediate)
  engine.release()
  assert.equal((await first).status, 200)
})

test('the repository is listed, and changed only where that is allowed', async () => {
  assert.deepEqual((await post('/v2/repository/index')).json, [{ name: 'm', version: '1', state: 'READY', reason: '' }])
  const refused = await plainCall(guardedPort, '/v2/repository/models/m/unload', { method: 'POST' })
  assert.equal(refused.status, 403)
  assert.equal((await post('/v2/repository/models/m/load', '{"parameters":{"config":"{}"}}')).status, 501)
  assert.equal((await post('/v2/repository/models/m/unload')).status, 200)
  assert.equal((await get('/v2/models/m/ready')).status, 400)
  assert.deepEqual((await post('/v2/repository/index', '{"ready":true}')).json, [])
  const { status, headers } = await infer(rows([1, 2]))
  assert.deepEqual([status, headers['retry-after']], [503, '1'])
  assert.equal((await post('/v2/repository/models/m/load')).status, 200)
  assert.equal((await infer(rows([1, 2]))).status, 200)
  assert.equal((await post('/v2/repository/models/x/load')).status, 404)
})
