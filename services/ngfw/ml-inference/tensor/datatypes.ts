/** Element types of tensors, in the protocol's words, and how each lies in memory. */

export type TypedArray =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float16Array
  | Float32Array
  | Float64Array

/** What a tensor holds: numbers (BOOL as 0 and 1), or texts for BYTES. Row-major. */
export type TensorData = TypedArray | string[]

/** One kind of array that can lie on memory of others. */
interface ArrayKind {
  new (length: number): TypedArray
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray
  readonly BYTES_PER_ELEMENT: number
}

interface NumberType {
  readonly kind: 'bool' | 'integer' | 'bigint' | 'float'
  /** ONNX Runtime's name. */
  readonly ort: string
  readonly array: ArrayKind
  /** The least and the most, both included. */
  readonly range?: readonly [number, number]
}

const whole = (ort: string, array: ArrayKind, least: number, most: number): NumberType => ({
  kind: 'integer',
  ort,
  array,
  range: [least, most],
})

const numberTypes = {
  BOOL: { kind: 'bool', ort: 'bool', array: Uint8Array },
  UINT8: whole('uint8', Uint8Array, 0, 0xff),
  UINT16: whole('uint16', Uint16Array, 0, 0xffff),
  UINT32: whole('uint32', Uint32Array, 0, 0xffffffff),
  UINT64: { kind: 'bigint', ort: 'uint64', array: BigUint64Array as unknown as ArrayKind },
  INT8: whole('int8', Int8Array, -0x80, 0x7f),
  INT16: whole('int16', Int16Array, -0x8000, 0x7fff),
  INT32: whole('int32', Int32Array, -0x80000000, 0x7fffffff),
  INT64: { kind: 'bigint', ort: 'int64', array: BigInt64Array as unknown as ArrayKind },
  FP16: { kind: 'float', ort: 'float16', array: Float16Array },
  FP32: { kind: 'float', ort: 'float32', array: Float32Array },
  FP64: { kind: 'float', ort: 'float64', array: Float64Array },
} as const satisfies Record<string, NumberType>

export type NumberTypeName = keyof typeof numberTypes
/** The protocol's names. `BYTES` is text here: ONNX has strings, which are UTF-8. */
export type Datatype = NumberTypeName | 'BYTES'

export const datatypes = [...(Object.keys(numberTypes) as NumberTypeName[]), 'BYTES'] as const

export const isDatatype = (name: unknown): name is Datatype => (datatypes as readonly unknown[]).includes(name)

/** What is known of a type of numbers. */
export const numberType = (datatype: NumberTypeName): NumberType => numberTypes[datatype]

/** ONNX Runtime's name of a type. */
export const ortType = (datatype: Datatype): string => (datatype === 'BYTES' ? 'string' : numberTypes[datatype].ort)

/** The protocol's name of ONNX Runtime's type; undefined for one that the protocol has no name for. */
export const datatypeOf = (ort: string): Datatype | undefined => datatypes.find((name) => ortType(name) === ort)

/** Room for so many elements. */
export const allocate = (datatype: Datatype, elements: number): TensorData =>
  datatype === 'BYTES' ? new Array<string>(elements).fill('') : new numberTypes[datatype].array(elements)

/** The elements from `start` up to `end`, on the same memory where they are numbers. */
export const slice = (data: TensorData, start: number, end: number): TensorData =>
  Array.isArray(data) ? data.slice(start, end) : data.subarray(start, end)

/** Copies all of `from` into `to`, beginning at element `at`. Both are of one type. */
export function copyInto(to: TensorData, from: TensorData, at: number): void {
  if (Array.isArray(to)) for (let i = 0; i < from.length; i++) to[at + i] = from[i] as string
  else (to as Float64Array).set(from as Float64Array, at)
}
