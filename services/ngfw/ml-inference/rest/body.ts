import { InferenceError } from '../errors.ts'
import type { InferAnswer, InferRequest } from '../request.ts'
import { dataFromBinary, dataToBinary } from '../tensor/binary.ts'
import { isDatatype } from '../tensor/datatypes.ts'
import { dataFromJson, dataToJson, parseExactly } from '../tensor/json.ts'
import { type Lifted, liftNumbers } from '../tensor/number-lists.ts'
import { elementsOf, type Tensor } from '../tensor/tensor.ts'

/** A request of the HTTP protocol, and which outputs its sender wants as bytes behind the JSON. */
export interface RestRequest extends InferRequest {
  readonly binary: (output: string) => boolean
}

const invalid = (message: string, cause?: unknown) => new InferenceError('INVALID', message, { cause })

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Of extensions that this server does not have: answering without them would be wrong silently. */
const unknownExtensions = ['shared_memory_region', 'classification', 'sequence_id']

function parametersOf(value: unknown, at: string): Record<string, unknown> {
  if (value === undefined) return {}
  if (!isObject(value)) throw invalid(`${at} must be an object.`)
  const strange = unknownExtensions.find((name) => value[name] !== undefined)
  if (strange) throw new InferenceError('UNIMPLEMENTED', `${at}.${strange}: this server does not have that extension.`)
  return value
}

function listOf(value: unknown, at: string, most: number): readonly Record<string, unknown>[] {
  if (!Array.isArray(value) || !value.every(isObject)) throw invalid(`${at} must be a list of objects.`)
  if (value.length > most) throw invalid(`${at} has ${value.length} entries; at most ${most} are taken.`)
  return value
}

const nameOf = (value: unknown, at: string): string => {
  if (typeof value !== 'string' || value === '' || value.length > 1_000) throw invalid(`${at} must be a name.`)
  return value
}

const maxTensors = 1_000

/**
 * Reads the body of an inference request: JSON, then the bytes of the inputs that have `binary_data_size`, in their order.
 * `jsonLength` is the header Inference-Header-Content-Length, the length of the JSON; undefined when the whole body is JSON.
 * `now` is when it came, on the clock of `deadlineAt`. The JSON may have `maxText` bytes. Throws InferenceError INVALID, TOO_LARGE.
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 */
export function readInferBody(
  body: Buffer,
  jsonLength: number | undefined,
  now: number,
  maxText = Number.POSITIVE_INFINITY,
): RestRequest {
  const end = jsonLength ?? body.length
  if (!(end >= 0 && end <= body.length))
    throw invalid(`Inference-Header-Content-Length must be a whole number up to the body's length, ${body.length}.`)
  if (end > maxText)
    throw new InferenceError('TOO_LARGE', `The JSON has ${end} bytes; ${maxText} are taken. Send tensors in binary.`)
  const { text, list } = liftNumbers(body, end)
  let root: unknown
  try {
    root = parseExactly(text)
  } catch (cause) {
    throw invalid('The body is not JSON.', cause)
  }
  if (!isObject(root)) throw invalid('The body must be a JSON object.')
  const { id, parameters, inputs, outputs } = root
  if (id !== undefined && (typeof id !== 'string' || id.length > 1_000)) throw invalid('id must be a text.')
  const own = parametersOf(parameters, 'parameters')
  const wanted = listOf(outputs ?? [], 'outputs', maxTensors).map((output, i) => ({
    name: nameOf(output.name, `outputs[${i}].name`),
    binary: parametersOf(output.parameters, `outputs[${i}].parameters`).binary_data,
  }))
  const all = own.binary_data_output === true
  const binary = new Map(
    wanted.map((output) => [output.name, output.binary === undefined ? all : output.binary === true]),
  )
  return {
    id: id as string | undefined,
    inputs: readInputs(inputs, list, body.subarray(end)),
    outputs: wanted.map(({ name }) => name),
    binary: (name) => binary.get(name) ?? all,
    deadlineAt: deadline(own.timeout, now),
  }
}

/** The parameter `timeout`, microseconds. */
function deadline(timeout: unknown, now: number): number {
  const us = typeof timeout === 'bigint' ? Number(timeout) : timeout
  if (us === undefined || us === 0) return Number.POSITIVE_INFINITY
  if (typeof us !== 'number' || !(us > 0)) throw invalid('parameters.timeout must be a whole number of microseconds.')
  return now + us / 1_000
}

function readInputs(value: unknown, list: Lifted['list'], raw: Buffer): Tensor[] {
  let position = 0
  const inputs = listOf(value, 'inputs', maxTensors).map((input, i): Tensor => {
    const at = `inputs[${i}]`
    const name = nameOf(input.name, `${at}.name`)
    const { datatype, shape } = input
    if (!isDatatype(datatype))
      throw invalid(`${at}.datatype ('${`${datatype}`.slice(0, 20)}') is no datatype of the protocol.`)
    if (!Array.isArray(shape)) throw invalid(`${at}.shape must be a list of whole numbers.`)
    const elements = elementsOf(shape, `${at}.shape`)
    const size = parametersOf(input.parameters, `${at}.parameters`).binary_data_size
    if (size === undefined) {
      const data = dataFromJson(datatype, elements, list(input.data) ?? input.data, `${at}.data`)
      return { name, datatype, shape, data }
    }
    if (input.data !== undefined) throw invalid(`${at} has both data and binary_data_size.`)
    const end = position + Number(size)
    if (!Number.isSafeInteger(size) || (size as number) < 0 || end > raw.length)
      throw invalid(
        `${at}.parameters.binary_data_size must be a whole number; ${raw.length - position} bytes are left.`,
      )
    const data = dataFromBinary(datatype, elements, raw.subarray(position, end), at)
    position = end
    return { name, datatype, shape, data }
  })
  if (position !== raw.length) throw invalid(`${raw.length - position} bytes follow the last binary input.`)
  return inputs
}

/** An answer: its body, and the length of the JSON in it when bytes follow. */
export interface RestAnswer {
  readonly body: string | Buffer
  readonly jsonLength: number | undefined
}

/** Writes an answer as `readInferBody` reads a request, the outputs that are wanted so as bytes behind the JSON. */
export function writeInferBody(
  { model, version, id, outputs }: InferAnswer,
  binary: RestRequest['binary'],
): RestAnswer {
  const raw: Buffer[] = []
  const described = outputs.map(({ name, datatype, shape, data }) => {
    const head = `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join()}],`
    if (!binary(name)) return `${head}"data":${dataToJson(datatype, data)}}`
    const bytes = dataToBinary(data)
    raw.push(bytes)
    return `${head}"parameters":{"binary_data_size":${bytes.length}}}`
  })
  const own = id === undefined ? '' : `"id":${JSON.stringify(id)},`
  const json = `{"model_name":${JSON.stringify(model)},"model_version":${JSON.stringify(version)},${own}"outputs":[${described.join()}]}`
  if (raw.length === 0) return { body: json, jsonLength: undefined }
  const head = Buffer.from(json)
  return { body: Buffer.concat([head, ...raw]), jsonLength: head.length }
}
