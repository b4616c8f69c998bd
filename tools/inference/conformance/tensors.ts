import { expect } from './requirement.ts'

/** Bytes of an element of each datatype of the protocol; BYTES vary. Source: Open Inference Protocol, "Tensor Data Types". */
export const sizes = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  FP32: 4,
  FP64: 8,
  BYTES: undefined,
} as const
export type Datatype = keyof typeof sizes
export const datatypes = Object.keys(sizes) as Datatype[]
export const isDatatype = (value: unknown): value is Datatype => typeof value === 'string' && value in sizes

/** An element: 64-bit whole numbers as bigint, BYTES as text. */
export type Element = number | bigint | boolean | string

/** Four elements of each datatype: its limits, what rounding would change, what JSON has to escape. */
export const elements: Readonly<Record<Datatype, readonly Element[]>> = {
  BOOL: [true, false, false, true],
  UINT8: [0, 1, 128, 255],
  UINT16: [0, 1, 32_768, 65_535],
  UINT32: [0, 1, 2_147_483_648, 4_294_967_295],
  UINT64: [0n, 1n, 9_007_199_254_740_993n, 18_446_744_073_709_551_615n],
  INT8: [-128, -1, 0, 127],
  INT16: [-32_768, -1, 0, 32_767],
  INT32: [-2_147_483_648, -1, 0, 2_147_483_647],
  INT64: [-9_223_372_036_854_775_808n, -1n, 9_007_199_254_740_993n, 9_223_372_036_854_775_807n],
  FP16: [0, -1.5, 65_504, 0.0999755859375],
  FP32: [0, -1.5, 3.4028234663852886e38, 0.10000000149011612],
  FP64: [0, -1.5, 1.7976931348623157e308, 0.1],
  BYTES: ['flow', '', 'ä€😀', 'a "quoted" \\ line\n'],
}

type Writer = (view: DataView, at: number, value: Element) => void
const writers: Readonly<Record<Exclude<Datatype, 'BYTES'>, Writer>> = {
  BOOL: (view, at, value) => view.setUint8(at, value ? 1 : 0),
  UINT8: (view, at, value) => view.setUint8(at, Number(value)),
  UINT16: (view, at, value) => view.setUint16(at, Number(value), true),
  UINT32: (view, at, value) => view.setUint32(at, Number(value), true),
  UINT64: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
  INT8: (view, at, value) => view.setInt8(at, Number(value)),
  INT16: (view, at, value) => view.setInt16(at, Number(value), true),
  INT32: (view, at, value) => view.setInt32(at, Number(value), true),
  INT64: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
  FP16: (view, at, value) => view.setFloat16(at, Number(value), true),
  FP32: (view, at, value) => view.setFloat32(at, Number(value), true),
  FP64: (view, at, value) => view.setFloat64(at, Number(value), true),
}

/** Elements as the binary extension and gRPC's raw contents carry them: little-endian; BYTES with four bytes of length before each. */
export function encode(datatype: Datatype, values: readonly Element[]): Buffer {
  if (datatype === 'BYTES')
    return Buffer.concat(
      values.flatMap((value) => {
        const text = Buffer.from(String(value))
        const length = Buffer.alloc(4)
        length.writeUInt32LE(text.length)
        return [length, text]
      }),
    )
  const size = sizes[datatype]
  const bytes = Buffer.alloc(size * values.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (const [at, value] of values.entries()) writers[datatype](view, at * size, value)
  return bytes
}

/** What a field of gRPC's InferTensorContents holds a datatype; FP16 has none. */
export const contentsField = {
  BOOL: 'boolContents',
  UINT8: 'uintContents',
  UINT16: 'uintContents',
  UINT32: 'uintContents',
  UINT64: 'uint64Contents',
  INT8: 'intContents',
  INT16: 'intContents',
  INT32: 'intContents',
  INT64: 'int64Contents',
  FP16: undefined,
  FP32: 'fp32Contents',
  FP64: 'fp64Contents',
  BYTES: 'bytesContents',
} as const satisfies Record<Datatype, string | undefined>

/** A tensor as a model's metadata describes it. */
export interface TensorMetadata {
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly number[]
}

export interface Tensor extends TensorMetadata {
  readonly values: readonly Element[]
}

/** Something that a model takes: `rows` of it where its first dimension varies, small numbers that differ from row to row. */
export function sample(inputs: readonly TensorMetadata[], rows: number): Tensor[] {
  return inputs.map(({ name, datatype, shape: given }) => {
    expect(
      datatype !== 'BYTES' && datatype !== 'BOOL',
      `The model's input '${name}' is of ${datatype}: name a model over numbers.`,
    )
    const shape = given.map((size, at) => (size === -1 ? (at === 0 ? rows : 1) : size))
    const count = shape.reduce((a, b) => a * b, 1)
    const whole = datatype === 'INT64' || datatype === 'UINT64'
    return {
      name,
      datatype,
      shape,
      values: Array.from({ length: count }, (_, at) => (whole ? BigInt((at * 7) % 5) : (at * 7) % 5)),
    }
  })
}

/** A JSON text of elements: 64-bit whole numbers are written whole. */
export const elementsJson = (values: readonly Element[]): string =>
  `[${values.map((value) => (typeof value === 'bigint' ? String(value) : JSON.stringify(value))).join(',')}]`
