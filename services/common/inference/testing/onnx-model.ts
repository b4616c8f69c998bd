import protobuf from 'protobufjs'

/** ONNX's numbers of element types (onnx.proto, TensorProto.DataType) by the Open Inference Protocol's names of datatypes. */
const elementTypes = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
} as const
export type Datatype = keyof typeof elementTypes

/** A size, or the name of one that varies from request to request. */
export type Dimension = number | string

export interface Value {
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly Dimension[]
}

export interface Operation {
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Whole numbers alone: no operator that is used here has others. */
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>
}

export interface Constant {
  readonly name: string
  readonly datatype: 'FP32' | 'INT64'
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

export interface Graph {
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  readonly operations: readonly Operation[]
  readonly constants?: readonly Constant[]
}

type Part = (writer: protobuf.Writer) => void

const text =
  (field: number, value: string): Part =>
  (w) =>
    w.uint32((field << 3) | 2).string(value)
const bytes =
  (field: number, value: Uint8Array): Part =>
  (w) =>
    w.uint32((field << 3) | 2).bytes(value)
const whole =
  (field: number, value: number): Part =>
  (w) =>
    w.uint32(field << 3).int64(value)
const message =
  (field: number, parts: readonly Part[]): Part =>
  (w) => {
    w.uint32((field << 3) | 2).fork()
    for (const part of parts) part(w)
    w.ldelim()
  }

const valueInfo = (field: number, { name, datatype, shape }: Value): Part =>
  message(field, [
    text(1, name),
    message(2, [
      message(1, [
        whole(1, elementTypes[datatype]),
        message(
          2,
          shape.map((size) => message(1, [typeof size === 'number' ? whole(1, size) : text(2, size)])),
        ),
      ]),
    ]),
  ])

const attribute = (name: string, value: number | readonly number[]): Part =>
  message(
    5,
    typeof value === 'number'
      ? [text(1, name), whole(3, value), whole(20, 2)]
      : [text(1, name), ...value.map((one) => whole(8, one)), whole(20, 7)],
  )

function raw({ datatype, values }: Constant): Uint8Array {
  const array = datatype === 'FP32' ? Float32Array.from(values) : BigInt64Array.from(values, BigInt)
  return new Uint8Array(array.buffer)
}

/** A model in ONNX's format, opset 17: small ones that tests make for themselves. Source of the field numbers: onnx.proto. */
export function onnxModel({ inputs, outputs, operations, constants = [] }: Graph): Uint8Array {
  const graph = [
    ...operations.map(({ op, inputs: from, outputs: to, attributes = {} }) =>
      message(1, [
        ...from.map((name) => text(1, name)),
        ...to.map((name) => text(2, name)),
        text(4, op),
        ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      ]),
    ),
    text(2, 'graph'),
    ...constants.map((constant) =>
      message(5, [
        ...constant.shape.map((size) => whole(1, size)),
        whole(2, elementTypes[constant.datatype]),
        text(8, constant.name),
        bytes(9, raw(constant)),
      ]),
    ),
    ...inputs.map((value) => valueInfo(11, value)),
    ...outputs.map((value) => valueInfo(12, value)),
  ]
  const writer = protobuf.Writer.create()
  for (const part of [
    whole(1, 8),
    text(2, 'neurodefender'),
    message(7, graph),
    message(8, [text(1, ''), whole(2, 17)]),
  ])
    part(writer)
  return writer.finish()
}
