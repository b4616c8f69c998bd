import { InferenceError } from '../errors.ts'
import { allocate, type Datatype, numberType, type TensorData, type TypedArray } from './datatypes.ts'
import { maxRank } from './tensor.ts'

const wrong = (at: string, what: string) => new InferenceError('INVALID', `${at} ${what}`)

/**
 * Takes a tensor's `data` out of JSON: flat in row-major order, or nested as the shape is. Numbers out of a type's range, fractions where
 * there can be none, and texts among numbers are refused. Integers of 64 bits may be `bigint`. A flat list may come as a Float64Array.
 * Throws InferenceError INVALID with `at` as the place.
 */
export function dataFromJson(datatype: Datatype, elements: number, value: unknown, at: string): TensorData {
  const numbers = value instanceof Float64Array ? value : undefined
  if (!numbers && !Array.isArray(value)) throw wrong(at, 'must be a list.')
  const list = numbers ?? (value as readonly unknown[])
  const nested = Array.isArray(list[0])
  if (!nested && list.length !== elements) throw wrong(at, `has ${list.length} elements; its shape has ${elements}.`)
  const data = allocate(datatype, elements)
  if (numbers && datatype !== 'BYTES' && numberType(datatype).kind === 'float') {
    ;(data as Float64Array).set(numbers)
    return data
  }
  const put = putter(datatype, data, at)
  if (!nested) {
    for (let i = 0; i < elements; i++) put(i, list[i])
    return data
  }
  let index = 0
  const walk = (list: readonly unknown[], depth: number): void => {
    if (depth > maxRank) throw wrong(at, `is nested deeper than ${maxRank} lists.`)
    for (const item of list)
      if (Array.isArray(item)) walk(item, depth + 1)
      else if (index < elements) put(index++, item)
      else throw wrong(at, `has more than the ${elements} elements of its shape.`)
  }
  walk(list as readonly unknown[], 1)
  if (index !== elements) throw wrong(at, `has ${index} elements; its shape has ${elements}.`)
  return data
}

type Put = (index: number, value: unknown) => void

function putter(datatype: Datatype, data: TensorData, at: string): Put {
  if (datatype === 'BYTES') {
    const texts = data as string[]
    return (index, value) => {
      if (typeof value !== 'string') throw wrong(`${at}[${index}]`, 'must be a text: the tensor is BYTES.')
      texts[index] = value
    }
  }
  const { kind, range } = numberType(datatype)
  if (kind === 'bigint') return bigints(datatype, data as BigInt64Array, at)
  const numbers = data as Float64Array
  if (kind === 'float')
    return (index, value) => {
      if (typeof value !== 'number') throw wrong(`${at}[${index}]`, `must be a number: the tensor is ${datatype}.`)
      numbers[index] = value
    }
  if (kind === 'bool')
    return (index, value) => {
      if (typeof value !== 'boolean') throw wrong(`${at}[${index}]`, 'must be true or false: the tensor is BOOL.')
      numbers[index] = value ? 1 : 0
    }
  const [least, most] = range as readonly [number, number]
  return (index, value) => {
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > most)
      throw wrong(`${at}[${index}]`, `must be a whole number from ${least} to ${most}: the tensor is ${datatype}.`)
    numbers[index] = value as number
  }
}

function bigints(datatype: Datatype, numbers: BigInt64Array, at: string): Put {
  const [least, most] = datatype === 'UINT64' ? [0n, 2n ** 64n - 1n] : [-(2n ** 63n), 2n ** 63n - 1n]
  return (index, value) => {
    const whole = typeof value === 'bigint' || Number.isSafeInteger(value)
    const big = whole ? BigInt(value as number | bigint) : 0n
    if (!whole || big < least || big > most)
      throw wrong(`${at}[${index}]`, `must be a whole number from ${least} to ${most}: the tensor is ${datatype}.`)
    numbers[index] = big
  }
}

const exactly = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
    ? BigInt(context!.source as string)
    : value

/** A whole number that a `number` may round; not the digits of a fraction. */
const longInteger = /(?<![\d.])\d{16}/

/**
 * JSON with every whole number as it stands there: those that a `number` would round are `bigint`. That costs several times a plain parse,
 * which is taken where there are no such numbers or no tensor of 64 bits. Throws SyntaxError.
 */
export const parseExactly = (text: string): unknown =>
  text.includes('INT64') && longInteger.test(text)
    ? JSON.parse(text, exactly as (key: string, value: unknown) => unknown)
    : JSON.parse(text)

/** A tensor's data as a JSON list. What JSON has no number for (NaN, infinities) is null. */
export function dataToJson(datatype: Datatype, data: TensorData): string {
  if (Array.isArray(data)) return JSON.stringify(data)
  if (datatype === 'BOOL') return `[${Array.from(data as Uint8Array, (value) => value !== 0).join()}]`
  const text = (data as TypedArray).join()
  const strange = datatype !== 'BYTES' && numberType(datatype).kind === 'float' && /[NI]/.test(text)
  return `[${strange ? text.replace(/-?(?:NaN|Infinity)/g, 'null') : text}]`
}
