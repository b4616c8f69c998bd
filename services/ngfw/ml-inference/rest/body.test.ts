import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InferenceError } from '../errors.ts'
import { dataToBinary } from '../tensor/binary.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { readInferBody, writeInferBody } from './body.ts'

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const input = { name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }
const invalid =
  (text: RegExp, code = 'INVALID') =>
  (error: unknown) =>
    error instanceof InferenceError && error.code === code && text.test(error.message)

test('a request in JSON is read with all that it says', () => {
  const outputs = [{ name: 'a', parameters: { binary_data: true } }, { name: 'b' }]
  const request = readInferBody(
    json({ id: '7', inputs: [input], outputs, parameters: { timeout: 2_000 } }),
    undefined,
    10,
  )
  assert.deepEqual(request.inputs, [{ ...input, data: new Float32Array([1, 2]) }])
  assert.deepEqual([request.id, request.outputs, request.deadlineAt], ['7', ['a', 'b'], 12])
  assert.deepEqual(['a', 'b'].map(request.binary), [true, false])
  const all = readInferBody(json({ inputs: [input], parameters: { binary_data_output: true } }), undefined, 0)
  assert.deepEqual([all.id, all.outputs, all.deadlineAt, all.binary('any')], [undefined, [], Infinity, true])
})

test('binary inputs lie behind the JSON in their order, between others', () => {
  const [x, y] = [dataToBinary(new Float32Array([1, 2])), dataToBinary(['é', ''])]
  const head = json({
    inputs: [
      { name: 'x', datatype: 'FP32', shape: [2], parameters: { binary_data_size: x.length } },
      { name: 'j', datatype: 'INT64', shape: [1], data: [3] },
      { name: 'y', datatype: 'BYTES', shape: [2], parameters: { binary_data_size: y.length } },
    ],
  })
  const { inputs } = readInferBody(Buffer.concat([head, x, y]), head.length, 0)
  assert.deepEqual(
    inputs.map(({ data }) => data),
    [new Float32Array([1, 2]), new BigInt64Array([3n]), ['é', '']],
  )
})

test('whole numbers of 64 bits are exact, in and out', () => {
  const body = Buffer.from(
    '{"inputs":[{"name":"x","datatype":"INT64","shape":[2],"data":[9223372036854775807,-9007199254740993]}]}',
  )
  const { inputs } = readInferBody(body, undefined, 0)
  assert.deepEqual(inputs[0]!.data, new BigInt64Array([2n ** 63n - 1n, -(2n ** 53n) - 1n]))
  const { body: out } = writeInferBody({ model: 'm', version: '1', id: undefined, outputs: inputs }, () => false)
  assert.ok(`${out}`.includes('[9223372036854775807,-9007199254740993]'))
})

test('an answer has JSON alone, or bytes behind it, as its caller wants each output', () => {
  const outputs: Tensor[] = [
    { name: 'a', datatype: 'FP32', shape: [2], data: new Float32Array([1.5, 2]) },
    { name: 'b', datatype: 'BOOL', shape: [1], data: new Uint8Array([1]) },
  ]
  const answer = { model: 'm"', version: '1', id: 'i', outputs }
  const plain = writeInferBody(answer, () => false)
  assert.equal(plain.jsonLength, undefined)
  assert.deepEqual(JSON.parse(`${plain.body}`), {
    model_name: 'm"',
    model_version: '1',
    id: 'i',
    outputs: [
      { name: 'a', datatype: 'FP32', shape: [2], data: [1.5, 2] },
      { name: 'b', datatype: 'BOOL', shape: [1], data: [true] },
    ],
  })
  const { body, jsonLength } = writeInferBody(answer, (name) => name === 'a')
  const bytes = body as Buffer
  const { outputs: described } = JSON.parse(bytes.toString('utf8', 0, jsonLength))
  assert.deepEqual(described[0], { name: 'a', datatype: 'FP32', shape: [2], parameters: { binary_data_size: 8 } })
  assert.deepEqual(bytes.subarray(jsonLength), dataToBinary(outputs[0]!.data))
})

test('what is no request is refused with its place', () => {
  const one = (more: object) => json({ inputs: [{ ...input, ...more }] })
  const cases: [Buffer, number | undefined, RegExp][] = [
    [Buffer.from('{'), undefined, /is not JSON/],
    [Buffer.from('[]'), undefined, /must be a JSON object/],
    [json({}), undefined, /inputs must be a list of objects/],
    [json({ inputs: [1] }), undefined, /inputs must be a list of objects/],
    [json({ inputs: new Array(1_001).fill(input) }), undefined, /at most 1000/],
    [json({ id: 1, inputs: [] }), undefined, /id must be a text/],
    [one({ name: '' }), undefined, /inputs\[0\]\.name must be a name/],
    [one({ datatype: 'FP8' }), undefined, /inputs\[0\]\.datatype \('FP8'\)/],
    [one({ shape: 2 }), undefined, /inputs\[0\]\.shape must be a list/],
    [one({ shape: [1e9, 1e9] }), undefined, /more elements/],
    [one({ data: undefined }), undefined, /inputs\[0\]\.data must be a list/],
    [one({ parameters: { binary_data_size: 8 } }), undefined, /both data and binary_data_size/],
    [one({ data: undefined, parameters: { binary_data_size: 8 } }), undefined, /0 bytes are left/],
    [one({ data: undefined, parameters: { binary_data_size: -8 } }), undefined, /0 bytes are left/],
    [one({ parameters: [] }), undefined, /parameters must be an object/],
    [json({ inputs: [input], parameters: { timeout: -1 } }), undefined, /timeout/],
    [json({ inputs: [input] }), 1_000, /Inference-Header-Content-Length/],
    [json({ inputs: [input] }), -1, /Inference-Header-Content-Length/],
    [Buffer.concat([json({ inputs: [input] }), Buffer.from('xy')]), json({ inputs: [input] }).length, /2 bytes follow/],
  ]
  for (const [body, length, text] of cases) assert.throws(() => readInferBody(body, length, 0), invalid(text))
})

test('JSON that is too long is refused, binary tensors are not', () => {
  const head = json({
    inputs: [{ name: 'x', datatype: 'UINT8', shape: [1_000], parameters: { binary_data_size: 1_000 } }],
  })
  const body = Buffer.concat([head, Buffer.alloc(1_000)])
  assert.equal(readInferBody(body, head.length, 0, 500).inputs[0]!.data.length, 1_000)
  assert.throws(() => readInferBody(body, head.length, 0, 50), invalid(/Send tensors in binary/, 'TOO_LARGE'))
})

test('extensions that are not there are named, not passed over', () => {
  for (const name of ['shared_memory_region', 'classification'])
    assert.throws(
      () => readInferBody(json({ inputs: [input], outputs: [{ name: 'a', parameters: { [name]: 1 } }] }), undefined, 0),
      invalid(new RegExp(name), 'UNIMPLEMENTED'),
    )
})

test('no body makes it fail in another way', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), fc.option(fc.integer({ min: -5, max: 50 })), (text, length) => {
      try {
        readInferBody(Buffer.from(text), length ?? undefined, 0)
      } catch (error) {
        assert.ok(error instanceof InferenceError, `${error}`)
      }
    }),
  )
  const odd = fc.record({
    name: fc.anything(),
    datatype: fc.constantFrom('FP32', 'BYTES', 'INT64', 1),
    shape: fc.anything(),
    data: fc.anything(),
  })
  fc.assert(
    fc.property(fc.array(odd, { maxLength: 3 }), (inputs) => {
      const body = Buffer.from(JSON.stringify({ inputs }, (_, v) => (typeof v === 'bigint' ? `${v}` : v)) ?? '')
      try {
        readInferBody(body, undefined, 0)
      } catch (error) {
        assert.ok(error instanceof InferenceError, `${error}`)
      }
    }),
  )
})
