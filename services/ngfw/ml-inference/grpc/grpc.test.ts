import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type CallOptions, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import fc from 'fast-check'
import type { ModelEntry } from '../../../common/inference/model-list.ts'
import { silentLog } from '../../../common/log/log.ts'
import { parentage, recordingTracer } from '../../../common/testing/traces.ts'
import { InferenceError } from '../errors.ts'
import { InFlight } from '../in-flight.ts'
import { Repository } from '../serving/repository.ts'
import { dataToBinary } from '../tensor/binary.ts'
import { type Datatype, datatypes } from '../tensor/datatypes.ts'
import { FakeEngine, modelOf } from '../testing/fake-engine.ts'
import { grpcTimeout, readMessage, writeMessage } from './frame.ts'
import { readInferRequest, writeInferResponse } from './infer.ts'
import { decode, encode, type MessageName } from './messages.ts'
import { GrpcServer } from './server.ts'
import { grpcMethods } from './service.ts'

const engine = new FakeEngine()
const repository = new Repository({
  log: silentLog,
  load: async ({ name, version }) => modelOf(engine, { name, version }),
})
const entry: ModelEntry = { name: 'm', version: '1', uri: new URL('file:///m'), sha256: '', batching: {} }
const { tracer, spans } = recordingTracer()
let server: GrpcServer
let client: Client
const maxMessageBytes = 10_000

before(async () => {
  await repository.set([entry])
  const methods = grpcMethods({
    repository,
    ready: () => true,
    live: () => true,
    control: true,
    maxTextBytes: 5_000,
    tracer,
  })
  const inFlight = new InFlight(3_000)
  server = new GrpcServer({
    listener: { kind: 'proxied', port: 0 },
    methods,
    maxMessageBytes,
    inFlight,
    log: silentLog,
  })
  client = new Client(`127.0.0.1:${await server.listen()}`, credentials.createInsecure())
})
after(async () => {
  client.close()
  await server.stop(1_000)
})

function call<T>(path: string, request: Buffer, response: MessageName, options: CallOptions = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      (bytes: Buffer) => bytes,
      (bytes) => decode<T>(response, bytes),
      request,
      new Metadata(),
      options,
      (error, value) => (error ? reject(error) : resolve(value!)),
    )
  })
}
const message = (name: MessageName, value: object) => Buffer.from(encode(name, value))
const ask = <T>(method: string, value: object = {}, options?: CallOptions) =>
  call<T>(
    `/inference.GRPCInferenceService/${method}`,
    message(`${method}Request` as MessageName, value),
    `${method}Response` as MessageName,
    options,
  )
const inferRequest = (rows: readonly number[][], more: object = {}) => ({
  model_name: 'm',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [rows.length, 2] }],
  raw_input_contents: [dataToBinary(Float32Array.from(rows.flat()))],
  ...more,
})
interface Inferred {
  readonly model_version: string
  readonly id: string
  readonly outputs: readonly {
    readonly name: string
    readonly shape: readonly unknown[]
    readonly contents?: { fp64_contents: number[] }
  }[]
  readonly raw_output_contents: readonly Uint8Array[]
}
const status =
  (code: number, text = /./) =>
  (error: ServiceError) =>
    error.code === code && text.test(error.details)

test('a real client gets health, metadata, inferences and the index', async () => {
  assert.equal((await ask<{ live: boolean }>('ServerLive')).live, true)
  assert.equal((await ask<{ ready: boolean }>('ServerReady')).ready, true)
  assert.equal((await ask<{ ready: boolean }>('ModelReady', { name: 'm', version: '1' })).ready, true)
  assert.equal((await ask<{ ready: boolean }>('ModelReady', { name: 'unknown' })).ready, false)
  assert.deepEqual((await ask<{ extensions: string[] }>('ServerMetadata')).extensions, [
    'binary_tensor_data',
    'model_repository',
  ])
  const metadata = await ask<{ versions: string[]; inputs: { name: string; shape: unknown[] }[] }>('ModelMetadata', {
    name: 'm',
  })
  assert.deepEqual([metadata.versions, metadata.inputs[0]!.shape.map(Number)], [['1'], [-1, 2]])
  const raw = await ask<Inferred>(
    'ModelInfer',
    inferRequest(
      [
        [1, 2],
        [3, 4],
      ],
      { id: 'i', outputs: [{ name: 'sum' }] },
    ),
  )
  assert.deepEqual([raw.id, raw.model_version, raw.outputs[0]!.shape.map(Number)], ['i', '1', [2]])
  assert.deepEqual(Buffer.from(raw.raw_output_contents[0]!), dataToBinary(new Float64Array([3, 7])))
  const typed = await ask<Inferred>('ModelInfer', {
    ...inferRequest([], { outputs: [{ name: 'sum' }] }),
    raw_input_contents: [],
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], contents: { fp32_contents: [1.5, 2] } }],
  })
  assert.deepEqual(typed.outputs[0]!.contents?.fp64_contents, [3.5])
  assert.deepEqual(typed.raw_output_contents, [])
  const { models } = await ask<{ models: { name: string; state: string }[] }>('RepositoryIndex', { ready: true })
  assert.deepEqual(
    models.map(({ name, state }) => [name, state]),
    [['m', 'READY']],
  )
  const health = message('HealthCheckRequest', { service: 'inference.GRPCInferenceService' })
  assert.equal(
    (await call<{ status: number }>('/grpc.health.v1.Health/Check', health, 'HealthCheckResponse')).status,
    1,
  )
})

test('an inference is one trace, and other calls are none', async () => {
  spans.length = 0
  await ask('ServerLive')
  await ask('ModelInfer', inferRequest([[1, 2]]))
  assert.deepEqual(parentage(spans), [
    ...['parse', 'wait in line', 'pack', 'execute', 'unpack'].map((name) => `infer > ${name}`),
    'infer',
  ])
})

test('each failure has its status and a sentence', async () => {
  await assert.rejects(
    ask('ModelInfer', inferRequest([[1, 2]], { model_name: 'x' })),
    status(5, /There is no model 'x'/),
  )
  await assert.rejects(ask('ModelInfer', inferRequest([[1, 2]], { model_version: '9' })), status(5))
  await assert.rejects(ask('ModelInfer', inferRequest([[1, 2]], { inputs: [] })), status(3, /raw_input_contents has 1/))
  await assert.rejects(ask('ModelInfer', inferRequest([[-1, 2]])), status(13, /The model failed: index/))
  await assert.rejects(call('/inference.GRPCInferenceService/None', Buffer.alloc(0), 'ServerLiveResponse'), status(12))
  await assert.rejects(
    call('/inference.GRPCInferenceService/ModelInfer', Buffer.from([255]), 'ModelInferResponse'),
    status(3, /no ModelInferRequest/),
  )
  const large = inferRequest(new Array(2_000).fill([1, 2]))
  await assert.rejects(ask('ModelInfer', large), status(8, /at most 10000 bytes/))
  await assert.rejects(
    ask('RepositoryModelLoad', { model_name: 'm', parameters: { config: { string_param: '{}' } } }),
    status(12, /config/),
  )
})

test('bytes of calls that have ended make room for others', async () => {
  for (let i = 0; i < 60; i++) await ask('ModelInfer', inferRequest([[i, i]]))
})

test('a deadline that has passed, and a caller that goes away, free their place', async () => {
  engine.hold()
  const first = ask<Inferred>('ModelInfer', inferRequest([[1, 2]]))
  while (repository.find('m', '1').batcher.running === 0) await new Promise(setImmediate)
  await assert.rejects(ask('ModelInfer', inferRequest([[1, 2]]), { deadline: Date.now() + 50 }), status(4))
  while (repository.find('m', '1').batcher.queuedRows > 0) await new Promise(setImmediate)
  engine.release()
  assert.equal((await first).outputs.length, 2)
})

test('unloading and loading go by the same names', async () => {
  await ask('RepositoryModelUnload', { model_name: 'm' })
  assert.equal((await ask<{ ready: boolean }>('ModelReady', { name: 'm' })).ready, false)
  await assert.rejects(ask('ModelInfer', inferRequest([[1, 2]])), status(14, /UNAVAILABLE/))
  await ask('RepositoryModelLoad', { model_name: 'm' })
  assert.equal((await ask<{ ready: boolean }>('ModelReady', { name: 'm' })).ready, true)
})

test('every type has its place in typed contents, and goes there and back', () => {
  const values: Record<Datatype, [string, unknown[]]> = {
    BOOL: ['bool_contents', [true, false]],
    UINT8: ['uint_contents', [0, 255]],
    UINT16: ['uint_contents', [0, 65_535]],
    UINT32: ['uint_contents', [0, 4_294_967_295]],
    UINT64: ['uint64_contents', [0, '18446744073709551615']],
    INT8: ['int_contents', [-128, 127]],
    INT16: ['int_contents', [-32_768, 32_767]],
    INT32: ['int_contents', [-2_147_483_648, 2_147_483_647]],
    INT64: ['int64_contents', ['-9223372036854775808', '9223372036854775807']],
    FP16: ['', []],
    FP32: ['fp32_contents', [0.5, -1]],
    FP64: ['fp64_contents', [0.1, -1]],
    BYTES: ['bytes_contents', [Buffer.from('é'), Buffer.from('')]],
  }
  for (const datatype of datatypes) {
    const [field, list] = values[datatype]
    const input = { name: 'x', datatype, shape: [2], ...(field ? { contents: { [field]: list } } : {}) }
    const bytes = encode('ModelInferRequest', { model_name: 'm', inputs: [input] })
    if (!field) {
      assert.throws(() => readInferRequest(bytes, 0, 0), /FP16, which goes as raw/)
      continue
    }
    const { inputs, raw } = readInferRequest(bytes, 0, 0)
    const answer = { model: 'm', version: '1', id: undefined, outputs: inputs }
    const response = decode<{ outputs: readonly object[] }>('ModelInferResponse', writeInferResponse(answer, raw))
    const again = encode('ModelInferRequest', { model_name: 'm', inputs: response.outputs })
    assert.deepEqual(readInferRequest(again, 0, 0).inputs, inputs)
    const out = decode<Inferred>('ModelInferResponse', writeInferResponse(answer, true))
    assert.deepEqual(Buffer.from(out.raw_output_contents[0]!), dataToBinary(inputs[0]!.data))
  }
})

test('a message is one, whole, within its size, and may be compressed', async () => {
  const text = Buffer.from('hello')
  assert.deepEqual(await readMessage(writeMessage(text), undefined, 100), text)
  const zipped = writeMessage(gzipSync(Buffer.alloc(1_000)))
  zipped[0] = 1
  assert.equal((await readMessage(zipped, 'gzip', 1_000)).length, 1_000)
  const rejects = (body: Buffer, encoding: string | undefined, code: string) =>
    assert.rejects(readMessage(body, encoding, 999), (error) => error instanceof InferenceError && error.code === code)
  await rejects(zipped, 'gzip', 'TOO_LARGE')
  await rejects(zipped, 'br', 'UNIMPLEMENTED')
  await rejects(zipped, 'deflate', 'INVALID')
  await rejects(Buffer.concat([writeMessage(text), writeMessage(text)]), undefined, 'INVALID')
  await rejects(Buffer.alloc(3), undefined, 'INVALID')
})

test('a message that would unfold into much is refused before it does', () => {
  const many = Buffer.alloc(20_000)
  for (let i = 0; i < many.length; i += 2) many[i] = (7 << 3) | 2
  assert.throws(() => readInferRequest(many, 0, 0), /More than 1000 tensors/)
  const typed = (elements: number) =>
    encode('ModelInferRequest', {
      inputs: [
        {
          name: 'x',
          datatype: 'BYTES',
          shape: [elements],
          contents: { bytes_contents: new Array(elements).fill(Buffer.alloc(0)) },
        },
      ],
    })
  assert.equal(readInferRequest(typed(100), 0, 0, 1_000).inputs.length, 1)
  assert.throws(() => readInferRequest(typed(1_000), 0, 0, 1_000), /Send raw_input_contents/)
  const raw = encode('ModelInferRequest', {
    inputs: [{ name: 'x', datatype: 'UINT8', shape: [5_000] }],
    raw_input_contents: [Buffer.alloc(5_000)],
  })
  assert.equal(readInferRequest(raw, 0, 0, 1_000).inputs[0]!.data.length, 5_000)
  assert.throws(() => readInferRequest(Buffer.alloc(100_000, 0x0b), 0, 0, 1_000_000), /no ModelInferRequest/)
})

test('timeouts are read in every unit', () => {
  const cases = { '1H': 3_600_000, '2M': 120_000, '3S': 3_000, '4m': 4, '5u': 0.005, '6n': 0.000_006 }
  for (const [header, ms] of Object.entries(cases)) assert.ok(Math.abs(grpcTimeout(header) - ms) < 1e-9)
  for (const header of [undefined, '', 'S', '1', '123456789S', '1x']) assert.equal(grpcTimeout(header), Infinity)
})

test('no bytes make reading a request fail in another way', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        readInferRequest(bytes, 0, 0)
      } catch (error) {
        assert.ok(error instanceof InferenceError, `${error}`)
      }
    }),
  )
})
