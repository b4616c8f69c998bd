import { InferenceError } from '../errors.ts'
import type { InferAnswer, InferRequest } from '../request.ts'
import { dataFromBinary, dataToBinary, textOf } from '../tensor/binary.ts'
import { type Datatype, isDatatype, type TensorData } from '../tensor/datatypes.ts'
import { dataFromJson } from '../tensor/json.ts'
import { elementsOf, type Tensor } from '../tensor/tensor.ts'
import { decode, encode, readerOf } from './messages.ts'

/** A whole number of 64 bits, as protobufjs has it. */
type Int64 = number | { readonly low: number; readonly high: number; readonly unsigned: boolean }

interface Parameter {
  readonly bool_param?: boolean
  readonly int64_param?: Int64
  readonly uint64_param?: Int64
  readonly double_param?: number
}
type Parameters = Readonly<Record<string, Parameter>>
type Contents = Readonly<Record<string, readonly unknown[]>>

interface WireTensor {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly Int64[]
  readonly parameters: Parameters
  readonly contents?: Contents | null
}

interface WireRequest {
  readonly model_name: string
  readonly model_version: string
  readonly id: string
  readonly parameters: Parameters
  readonly inputs: readonly WireTensor[]
  readonly outputs: readonly { readonly name: string; readonly parameters: Parameters }[]
  readonly raw_input_contents: readonly Uint8Array[]
}

/** A request of the gRPC protocol: for which model, and whether tensors came as raw bytes, as the answer's then go. */
export interface GrpcRequest extends InferRequest {
  readonly model: string
  readonly version: string | undefined
  readonly raw: boolean
}

/** Where a type's elements stand when they are not raw. FP16 has no place. */
const fieldOf: Readonly<Record<Datatype, string | undefined>> = {
  BOOL: 'bool_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  FP16: undefined,
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
}

const invalid = (message: string, cause?: unknown) => new InferenceError('INVALID', message, { cause })

function big(value: Int64): bigint {
  if (typeof value === 'number') return BigInt(value)
  const bits = (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0)
  return value.unsigned ? bits : BigInt.asIntN(64, bits)
}

const buffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const maxTensors = 1_000
const unknownExtensions = ['shared_memory_region', 'classification', 'sequence_id']

function known(parameters: Parameters, at: string): Parameters {
  const strange = unknownExtensions.find((name) => Object.hasOwn(parameters, name))
  if (strange) throw new InferenceError('UNIMPLEMENTED', `${at}.${strange}: this server does not have that extension.`)
  return parameters
}

/** Fields of a ModelInferRequest. */
const [inputsField, outputsField, rawField] = [5, 6, 7]

/** Holds a message's size and number of tensors against the limits before anything is made of it. Throws InferenceError, and RangeError on bytes that are no message. */
function weigh(bytes: Uint8Array, maxText: number): void {
  const reader = readerOf(bytes)
  let [text, tensors] = [0, 0]
  while (reader.pos < reader.len) {
    const start = reader.pos
    const tag = reader.uint32()
    const field = tag >>> 3
    reader.skipType(tag & 7)
    if (field === inputsField || field === outputsField || field === rawField) tensors++
    if (field !== rawField) text += reader.pos - start
    if (tensors > 3 * maxTensors) throw invalid(`More than ${maxTensors} tensors are not taken.`)
    if (text > maxText)
      throw new InferenceError(
        'TOO_LARGE',
        `Contents that are not raw may have ${maxText} bytes. Send raw_input_contents.`,
      )
  }
}

/**
 * Reads a ModelInferRequest. `now` is when it came, `deadlineAt` what its headers say. All but raw contents may have `maxText` bytes. Throws
 * InferenceError INVALID, TOO_LARGE.
 */
export function readInferRequest(
  bytes: Uint8Array,
  now: number,
  deadlineAt: number,
  maxText = Number.POSITIVE_INFINITY,
): GrpcRequest {
  let wire: WireRequest
  try {
    weigh(bytes, maxText)
    wire = decode('ModelInferRequest', bytes)
  } catch (cause) {
    if (cause instanceof InferenceError) throw cause
    throw invalid('The message is no ModelInferRequest.', cause)
  }
  const { inputs, outputs, raw_input_contents: rawInputs } = wire
  if (inputs.length > maxTensors || outputs.length > maxTensors)
    throw invalid(`More than ${maxTensors} tensors are not taken.`)
  const raw = rawInputs.length > 0
  if (raw && rawInputs.length !== inputs.length)
    throw invalid(
      `raw_input_contents has ${rawInputs.length} entries for ${inputs.length} inputs; there must be one for each.`,
    )
  const { timeout } = known(wire.parameters, 'parameters')
  const us = timeout === undefined ? 0 : Number(big(timeout.int64_param ?? timeout.uint64_param ?? 0))
  return {
    model: wire.model_name,
    version: wire.model_version || undefined,
    id: wire.id || undefined,
    raw,
    inputs: inputs.map((input, i) => readInput(input, rawInputs[i], `inputs[${i}]`)),
    outputs: outputs.map(({ name, parameters }, i) => {
      known(parameters, `outputs[${i}].parameters`)
      return name
    }),
    deadlineAt: us > 0 ? Math.min(deadlineAt, now + us / 1_000) : deadlineAt,
  }
}

function readInput(
  { name, datatype, shape: wire, parameters, contents }: WireTensor,
  raw: Uint8Array | undefined,
  at: string,
): Tensor {
  if (!isDatatype(datatype))
    throw invalid(`${at}.datatype ('${datatype.slice(0, 20)}') is no datatype of the protocol.`)
  known(parameters, `${at}.parameters`)
  const shape = wire.map(Number)
  const elements = elementsOf(shape, `${at}.shape`)
  if (raw) {
    if (contents && Object.values(contents).some((list) => list.length > 0))
      throw invalid(`${at} has both contents and raw_input_contents.`)
    return { name, datatype, shape, data: dataFromBinary(datatype, elements, buffer(raw), at) }
  }
  const field = fieldOf[datatype]
  if (field === undefined) throw invalid(`${at} is ${datatype}, which goes as raw_input_contents alone.`)
  const list = (contents?.[field] ?? []) as readonly unknown[]
  return { name, datatype, shape, data: dataFromJson(datatype, elements, plain(datatype, list, at), `${at}.contents`) }
}

function plain(datatype: Datatype, list: readonly unknown[], at: string): readonly unknown[] {
  if (datatype === 'BYTES') return (list as Uint8Array[]).map((bytes, i) => textOf(bytes, `${at}.contents[${i}]`))
  return datatype === 'INT64' || datatype === 'UINT64' ? (list as Int64[]).map(big) : list
}

/** Writes a ModelInferResponse; `raw` as the request was. */
export function writeInferResponse({ model, version, id, outputs }: InferAnswer, raw: boolean): Uint8Array {
  const asRaw = raw || outputs.some(({ datatype }) => fieldOf[datatype] === undefined)
  return encode('ModelInferResponse', {
    model_name: model,
    model_version: version,
    id: id ?? '',
    outputs: outputs.map(({ name, datatype, shape, data }) => ({
      name,
      datatype,
      shape,
      ...(asRaw ? {} : { contents: { [fieldOf[datatype]!]: wireList(datatype, data) } }),
    })),
    ...(asRaw ? { raw_output_contents: outputs.map(({ data }) => dataToBinary(data)) } : {}),
  })
}

function wireList(datatype: Datatype, data: TensorData): unknown[] {
  if (Array.isArray(data)) return data.map((text) => Buffer.from(text))
  if (datatype === 'BOOL') return Array.from(data as Uint8Array, (value) => value !== 0)
  if (datatype !== 'INT64' && datatype !== 'UINT64') return Array.from(data as Float64Array)
  return Array.from(data as BigInt64Array, (value) => ({
    low: Number(BigInt.asIntN(32, value)),
    high: Number(BigInt.asIntN(32, value >> 32n)),
    unsigned: datatype === 'UINT64',
  }))
}
