import { InferenceError } from '../errors.ts'
import { type Datatype, numberType, type TensorData, type TypedArray } from './datatypes.ts'

/** Every byte of a tensor of numbers, on the same memory. */
const bytesOf = (data: TypedArray): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength)

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Takes a tensor out of its raw bytes: little-endian elements one after the other, each of BYTES with its length before it (4 bytes). Lies on
 * the same memory where the alignment allows it. Throws InferenceError INVALID with `at` as the place.
 */
export function dataFromBinary(datatype: Datatype, elements: number, bytes: Buffer, at: string): TensorData {
  if (datatype === 'BYTES') return textsFromBinary(elements, bytes, at)
  const { array, kind } = numberType(datatype)
  const size = array.BYTES_PER_ELEMENT
  if (bytes.length !== elements * size)
    throw new InferenceError('INVALID', `${at} has ${bytes.length} bytes; its shape and type have ${elements * size}.`)
  const aligned = bytes.byteOffset % size === 0
  const [buffer, offset] = aligned ? [bytes.buffer, bytes.byteOffset] : [new Uint8Array(bytes).buffer, 0]
  const data = new array(buffer, offset, elements)
  if (kind === 'bool' && (data as Uint8Array).some((value) => value > 1))
    throw new InferenceError('INVALID', `${at} must hold bytes of 0 and 1: the tensor is BOOL.`)
  return data
}

function textsFromBinary(elements: number, bytes: Buffer, at: string): string[] {
  const texts: string[] = []
  let position = 0
  while (position < bytes.length) {
    const start = position + 4
    const end = start <= bytes.length ? start + bytes.readUInt32LE(position) : Number.POSITIVE_INFINITY
    if (end > bytes.length) throw new InferenceError('INVALID', `${at} ends within element ${texts.length}.`)
    if (texts.length === elements) throw new InferenceError('INVALID', `${at} has more than ${elements} elements.`)
    texts.push(textOf(bytes.subarray(start, end), `${at}[${texts.length}]`))
    position = end
  }
  if (texts.length !== elements)
    throw new InferenceError('INVALID', `${at} has ${texts.length} elements; its shape has ${elements}.`)
  return texts
}

/** UTF-8, which ONNX's strings are. Throws InferenceError INVALID. */
export function textOf(bytes: Uint8Array, at: string): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new InferenceError('INVALID', `${at} must be UTF-8: the model takes texts.`, { cause })
  }
}

/** A tensor's raw bytes, as `dataFromBinary` takes them; numbers are not copied. */
export function dataToBinary(data: TensorData): Buffer {
  if (!Array.isArray(data)) return bytesOf(data)
  const parts = data.flatMap((text) => {
    const bytes = Buffer.from(text)
    const length = Buffer.alloc(4)
    length.writeUInt32LE(bytes.length)
    return [length, bytes]
  })
  return Buffer.concat(parts)
}
