import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InferenceError } from '../errors.ts'
import { dataFromBinary, dataToBinary } from './binary.ts'
import { allocate, type Datatype, datatypeOf, datatypes, numberType, ortType, type TensorData } from './datatypes.ts'
import { dataFromJson, dataToJson, parseExactly } from './json.ts'
import { elementsOf } from './tensor.ts'

const invalid = (text: RegExp) => (error: unknown) =>
  error instanceof InferenceError && error.code === 'INVALID' && text.test(error.message)

const element = (datatype: Datatype): fc.Arbitrary<unknown> => {
  if (datatype === 'BYTES') return fc.string({ unit: 'grapheme' })
  const { kind, range } = numberType(datatype)
  if (kind === 'bool') return fc.boolean()
  if (kind === 'integer') return fc.integer({ min: range![0], max: range![1] })
  if (datatype === 'UINT64') return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
  if (datatype === 'INT64') return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  const exact = new (numberType(datatype).array)(1) as Float64Array
  return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => {
    exact[0] = Number.isFinite(Math.fround(value)) && Math.abs(value) < 60_000 ? value : 0.5
    return exact[0]
  })
}

const tensors = fc
  .constantFrom(...datatypes)
  .chain((datatype) =>
    fc.record({ datatype: fc.constant(datatype), values: fc.array(element(datatype), { maxLength: 20 }) }),
  )
const asData = (datatype: Datatype, values: readonly unknown[]): TensorData => {
  const data = allocate(datatype, values.length)
  values.forEach((value, i) => {
    ;(data as unknown[])[i] = value === true ? 1 : value === false ? 0 : value
  })
  return data
}

test('every type goes through binary and back, wherever in memory it begins', () => {
  fc.assert(
    fc.property(tensors, fc.nat(9), ({ datatype, values }, shift) => {
      const data = asData(datatype, values)
      const shifted = Buffer.concat([Buffer.alloc(shift), dataToBinary(data)]).subarray(shift)
      assert.deepEqual(dataFromBinary(datatype, values.length, shifted, 'x'), data)
    }),
  )
})

const throughJson = (datatype: Datatype, data: TensorData, elements: number): TensorData => {
  const text = `{"datatype":"${datatype}","data":${dataToJson(datatype, data)}}`
  return dataFromJson(datatype, elements, (parseExactly(text) as { data: unknown }).data, 'x')
}

test('every type goes through JSON and back, exactly', () => {
  fc.assert(
    fc.property(tensors, ({ datatype, values }) => {
      const data = asData(datatype, values)
      const negativeZero = !Array.isArray(data) && Array.from(data as Float64Array).some((v) => Object.is(v, -0))
      fc.pre(!negativeZero)
      assert.deepEqual(throughJson(datatype, data, values.length), data)
    }),
  )
})

test('nested lists are the same as flat ones', () => {
  const flat = dataFromJson('FP32', 4, [1, 2, 3, 4], 'x')
  assert.deepEqual(
    dataFromJson(
      'FP32',
      4,
      [
        [1, 2],
        [3, 4],
      ],
      'x',
    ),
    flat,
  )
  assert.deepEqual(
    dataFromJson(
      'FP32',
      4,
      [
        [[1], [2]],
        [[3], [4]],
      ],
      'x',
    ),
    flat,
  )
})

test('data that is not of its type or shape is refused, with its place', () => {
  const cases: [Datatype, number, unknown, RegExp][] = [
    ['UINT8', 1, [256], /x\[0\] must be a whole number from 0 to 255: the tensor is UINT8\./],
    ['INT8', 2, [1, 1.5], /x\[1\] must be a whole number from -128 to 127/],
    ['INT64', 1, [2 ** 63], /must be a whole number from -9223372036854775808/],
    ['UINT64', 1, [-1n], /must be a whole number from 0 to 18446744073709551615/],
    ['FP32', 1, ['1'], /must be a number: the tensor is FP32/],
    ['FP32', 1, [null], /must be a number/],
    ['BOOL', 1, [1], /must be true or false/],
    ['BYTES', 1, [1], /must be a text/],
    ['FP32', 2, [1], /x has 1 elements; its shape has 2\./],
    ['FP32', 1, [[1, 2]], /more than the 1 elements/],
    ['FP32', 3, [[1, 2]], /x has 2 elements; its shape has 3/],
    ['FP32', 1, JSON.parse(`${'['.repeat(100_000)}1${']'.repeat(100_000)}`), /nested deeper than 32/],
    ['FP32', 1, { 0: 1 }, /must be a list/],
  ]
  for (const [datatype, elements, value, text] of cases)
    assert.throws(() => dataFromJson(datatype, elements, value, 'x'), invalid(text))
})

test('raw bytes that are not what the shape says are refused', () => {
  assert.throws(() => dataFromBinary('FP32', 2, Buffer.alloc(7), 'x'), invalid(/7 bytes; its shape and type have 8/))
  assert.throws(() => dataFromBinary('BOOL', 1, Buffer.from([2]), 'x'), invalid(/bytes of 0 and 1/))
  const long = Buffer.from([255, 255, 255, 255, 65])
  assert.throws(() => dataFromBinary('BYTES', 1, long, 'x'), invalid(/ends within element 0/))
  assert.throws(() => dataFromBinary('BYTES', 1, Buffer.from([1, 0]), 'x'), invalid(/ends within element 0/))
  const two = dataToBinary(['a', 'b'])
  assert.throws(() => dataFromBinary('BYTES', 1, two, 'x'), invalid(/more than 1 elements/))
  assert.throws(() => dataFromBinary('BYTES', 3, two, 'x'), invalid(/has 2 elements; its shape has 3/))
  assert.throws(() => dataFromBinary('BYTES', 1, Buffer.from([1, 0, 0, 0, 255]), 'x'), invalid(/must be UTF-8/))
})

test('a shape is whole numbers, and of a size that fits a request', () => {
  assert.equal(elementsOf([2, 3, 4], 's'), 24)
  assert.equal(elementsOf([], 's'), 1)
  for (const shape of [[-1], [1.5], ['2'], [null]])
    assert.throws(() => elementsOf(shape, 's'), invalid(/whole numbers/))
  assert.throws(() => elementsOf([2 ** 30, 2 ** 30], 's'), invalid(/more elements/))
  assert.throws(() => elementsOf(new Array(33).fill(1), 's'), invalid(/dimensions/))
})

test('what JSON has no number for is null', () => {
  assert.equal(dataToJson('FP32', new Float32Array([Number.NaN, 1, -Infinity])), '[null,1,null]')
  assert.equal(dataToJson('BOOL', new Uint8Array([1, 0])), '[true,false]')
})

test('each type has one name on both sides', () => {
  for (const datatype of datatypes) assert.equal(datatypeOf(ortType(datatype)), datatype)
  assert.equal(datatypeOf('uint4'), undefined)
})
