import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Client, credentials } from '@grpc/grpc-js'
import { slowModel } from '../../common/inference/testing/models.ts'
import { eventually, freePort, Processes, until } from '../../common/testing/processes.ts'
import { testTls } from '../../common/testing/server.ts'
import { decode, encode } from './grpc/messages.ts'

const folder = mkdtempSync(join(tmpdir(), 'nd-test-inference-'))
const { authority, tls, call } = await testTls('ml-inference')
const [port, grpcPort, adminPort] = [await freePort(), await freePort(), await freePort()]
const listFile = join(folder, 'models.json')
const processes = new Processes({
  PATH: process.env.PATH,
  ND_REGION: 'local',
  ND_ENVIRONMENT: 'local',
  ND_LISTEN: '127.0.0.1',
  ND_HTTPS_PORT: `${port}`,
  ND_GRPC_PORT: `${grpcPort}`,
  ND_ADMIN_PORT: `${adminPort}`,
  ND_TLS_DIR: await authority.issue('ml-inference'),
  ND_MODELS_FILE: listFile,
  ND_MODEL_CACHE: join(folder, 'cache'),
})
const carried = (version: string) => join(import.meta.dirname, 'models/flow-classifier', version)
const { examples } = JSON.parse(readFileSync(join(carried('1'), 'model.json'), 'utf8'))
const flows: number[][] = examples.flows

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const model = (name: string, version: string, path: string) => ({
  name,
  version,
  uri: `file://${path}`,
  sha256: sha256(readFileSync(path)),
})
const classifier = (version: string) => model('flow-classifier', version, join(carried(version), 'model.onnx'))

/** Swaps the list as a ConfigMap is swapped. */
function list(...models: object[]): void {
  writeFileSync(`${listFile}.new`, JSON.stringify({ models }))
  renameSync(`${listFile}.new`, listFile)
}

const ready = async () => (await call(port, '/v2/health/ready')).status === 200
const body = (rows: number[][]) =>
  JSON.stringify({ inputs: [{ name: 'flows', datatype: 'FP32', shape: [rows.length, 33], data: rows }] })
const infer = (rows: number[][], path = 'flow-classifier') =>
  call(port, `/v2/models/${path}/infer`, { method: 'POST', body: body(rows) })

let server: ReturnType<Processes['run']>
before(async () => {
  const slow = join(folder, 'slow.onnx')
  writeFileSync(slow, slowModel(33, 60))
  list(classifier('1'), { ...model('slow', '1', slow), batching: { maxBatch: 4 } })
  server = processes.run(new URL('main.ts', import.meta.url))
  await until('the server is ready', () => ready().catch(() => false))
})
after(async () => {
  await processes.killAll()
  tls.close()
  rmSync(folder, { recursive: true })
})

const probabilities = (outputs: { name: string; data: number[] }[]) =>
  outputs.find(({ name }) => name === 'probabilities')!.data

/** Another runtime on another processor rounds otherwise. */
function assertNear(got: readonly number[], wanted: readonly number[]): void {
  assert.equal(got.length, wanted.length)
  for (const [i, value] of got.entries()) assert.ok(Math.abs(value - wanted[i]!) < 1e-5, `${value} is not ${wanted[i]}`)
}

test('the flow classifier answers as the one that trained it did', async () => {
  const { status, json } = await infer(flows)
  assert.equal(status, 200)
  const wanted: number[] = examples.probabilities.flat()
  assertNear(probabilities(json.outputs), wanted)
  assert.deepEqual(json.outputs.find(({ name }: { name: string }) => name === 'label').data, examples.label)
})

test('many callers at once get their own rows', async () => {
  const all = await Promise.all(
    Array.from({ length: 100 }, async (_, i) => {
      const mine = [flows[i % flows.length]!, flows[(i * 7) % flows.length]!]
      // A server that is short of a processor refuses some, and says when to come again.
      const { json } = await eventually('an answer that is no refusal', async () => {
        const answer = await infer(mine)
        return answer.status !== 503 && answer
      })
      return [
        probabilities(json.outputs),
        [examples.probabilities[i % 16], examples.probabilities[(i * 7) % 16]].flat(),
      ]
    }),
  )
  for (const [got, wanted] of all) assertNear(got!, wanted!)
})

test('a long execution holds up nobody', async () => {
  const order: string[] = []
  const slow = infer(flows.slice(0, 1), 'slow').then(({ status }) => order.push(`slow ${status}`))
  await until('the slow model is at work', async () => {
    const { status } = await infer(flows.slice(0, 1))
    order.push(`quick ${status}`)
    return true
  })
  await slow
  assert.deepEqual(order, ['quick 200', 'slow 200'])
})

test('what a queue cannot answer in time is refused with Retry-After, at once', async () => {
  const answers = await Promise.all(Array.from({ length: 60 }, () => infer(flows.slice(0, 4), 'slow')))
  const refused = answers.filter(({ status }) => status === 503)
  assert.ok(refused.length > 0 && refused.length < 60)
  for (const { headers, json } of refused) {
    assert.ok(Number(headers['retry-after']) >= 1)
    assert.match(json.error, /The answer would take \d+ ms; 100 ms are promised\./)
  }
})

test('gRPC over TLS, with the same answers', async () => {
  const root = credentials.createSsl(Buffer.from(authority.ca))
  const client = new Client(`localhost:${grpcPort}`, root)
  const request = encode('ModelInferRequest', {
    model_name: 'flow-classifier',
    inputs: [{ name: 'flows', datatype: 'FP32', shape: [16, 33], contents: { fp32_contents: flows.flat() } }],
  })
  const answer = await new Promise<{ outputs: { contents: { fp32_contents: number[] } }[] }>((resolve, reject) =>
    client.makeUnaryRequest(
      '/inference.GRPCInferenceService/ModelInfer',
      (bytes: Buffer) => bytes,
      (bytes) => decode<{ outputs: { contents: { fp32_contents: number[] } }[] }>('ModelInferResponse', bytes),
      Buffer.from(request),
      (error, value) => (error ? reject(error) : resolve(value!)),
    ),
  )
  client.close()
  const wanted: number[] = examples.probabilities.flat()
  assertNear(answer.outputs[1]!.contents.fp32_contents, wanted)
})

test('metrics have Triton’s names beside ours, for callers of the region', async () => {
  const { cert, key } = tls.current
  const { body: text } = await call(adminPort, '/metrics', { cert: { cert, key } })
  for (const name of [
    'request_success',
    'request_failure',
    'count',
    'exec_count',
    'queue_duration_us',
    'pending_request_count',
  ])
    assert.match(text, new RegExp(`^nv_inference_${name}\\{model="flow-classifier",version="1"\\} \\d`, 'm'))
  assert.match(text, /^nd_inference_requests_total\{model="slow",version="1",outcome="overloaded"\} \d/m)
  assert.match(text, /^nd_gpu_utilization_percent \d/m)
  assert.match(text, /^nd_inference_batch_rows_bucket\{le="16",model="flow-classifier",version="1"\} \d/m)
  assert.equal((await call(adminPort, '/metrics')).status, 401)
})

/** Asks without pause over kept connections until it is told to stop; counts what was no answer. */
function asking(callers: number) {
  const agent = new Agent({ ca: authority.ca, keepAlive: true })
  const seen = { answered: 0, failed: [] as string[], versions: new Set<string>() }
  let stopped = false
  const one = () =>
    new Promise<void>((resolve) => {
      const options = { port, host: '127.0.0.1', path: '/v2/models/flow-classifier/infer', method: 'POST', agent }
      const fail = (what: unknown) => {
        seen.failed.push(`${what}`)
        resolve()
      }
      const sent = httpsRequest(options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', fail)
        response.on('end', () => {
          if (response.statusCode !== 200) return fail(`${response.statusCode} ${Buffer.concat(chunks)}`)
          seen.answered++
          seen.versions.add(JSON.parse(`${Buffer.concat(chunks)}`).model_version)
          resolve()
        })
      })
      sent.on('error', fail).end(body(flows.slice(0, 1)))
    })
  const all = Array.from({ length: callers }, async () => {
    while (!stopped) await one()
  })
  return {
    seen,
    async stop() {
      stopped = true
      await Promise.all(all)
      agent.destroy()
    },
  }
}

test('a new version takes over and the old one goes, and no request fails', async () => {
  const callers = asking(8)
  await until('version 1 answers', () => callers.seen.versions.has('1'))
  list(classifier('2'))
  await until('version 2 answers', () => callers.seen.versions.has('2'))
  await until('version 1 is gone', async () => (await infer(flows, 'flow-classifier/versions/1')).status === 404)
  await callers.stop()
  assert.deepEqual(callers.seen.failed, [])
})

test('callers may not load or unload where the list alone says what is served', async () => {
  const { status, json } = await call(port, '/v2/repository/models/flow-classifier/unload', { method: 'POST' })
  assert.equal(status, 403)
  assert.match(json.error, /by the model list alone/)
})

test('at its end it says that it is not ready, goes on answering, and fails no request', async () => {
  const callers = asking(8)
  await until('somebody is answered', () => callers.seen.answered > 20)
  server.kill('SIGTERM')
  // A router stops to send when it sees this.
  await until('it is not ready', async () => !(await ready()))
  const before = callers.seen.answered
  await until('it still answers', () => callers.seen.answered > before)
  await callers.stop()
  assert.deepEqual(callers.seen.failed, [])
  assert.equal(await processes.ended(server), 0)
})
