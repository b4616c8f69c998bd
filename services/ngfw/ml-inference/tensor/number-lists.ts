import { randomBytes } from 'node:crypto'

/** Shorter lists are not worth it. */
const fewNumbers = 64
/** Of one body; what goes beyond is left to the parser of JSON. */
const room = 2 ** 18
const powers = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))
/** More digits a `number` may round: such a number is left to the runtime. */
const exactDigits = 15

const [space, comma, minus, plus, dot] = [0x20, 0x2c, 0x2d, 0x2b, 0x2e]
const [zero, nine, colon, open, close, backslash] = [0x30, 0x39, 0x3a, 0x5b, 0x5d, 0x5c]
const isSpace = (byte: number | undefined): boolean => byte === space || byte === 0x0a || byte === 0x0d || byte === 0x09

/** Where the numbers of a body are written to; read before the next body is looked at. */
const numbers = new Float64Array(room)
/** Nobody outside knows it, so no body holds it. */
const mark = randomBytes(16).toString('hex')

/** A body's JSON without its long lists of numbers, and what stood in their places. */
export interface Lifted {
  readonly text: string
  /** The list that a value of the JSON stands for; undefined for a value that is itself. Good until the next body is lifted. */
  readonly list: (value: unknown) => Float64Array | undefined
}

/** A list of numbers in `body`: how many were written from `at` on, and where its bracket ends. */
interface Scanned {
  readonly count: number
  readonly end: number
}

/**
 * Reads the numbers of a flat list, `from` behind its bracket, as JSON spells them and `JSON.parse` would read them: a mantissa of up to 15
 * digits and a power of ten up to 22 are exact, and so one division or product of them is rounded right. Undefined for anything else in it.
 * @see https://doi.org/10.1145/93542.93557 (W. D. Clinger, How to read floating point numbers accurately)
 */
function scan(body: Buffer, from: number, end: number, at: number): Scanned | undefined {
  let position = from
  let next = at
  for (;;) {
    while (isSpace(body[position])) position++
    const start = position
    let byte = body[position] as number
    // Counts and flags are most of what is sent.
    if (byte >= zero && byte <= nine && body[position + 1] === comma && next < room) {
      numbers[next++] = byte - zero
      position += 2
      continue
    }
    const negative = byte === minus
    if (negative) byte = body[++position] as number
    const first = position
    let mantissa = 0
    for (; byte >= zero && byte <= nine; byte = body[++position] as number) mantissa = mantissa * 10 + byte - zero
    let digits = position - first
    if (digits === 0 || (digits > 1 && body[first] === zero)) return undefined
    let power = 0
    if (byte === dot) {
      const fraction = position + 1
      for (byte = body[++position] as number; byte >= zero && byte <= nine; byte = body[++position] as number)
        mantissa = mantissa * 10 + byte - zero
      power = fraction - position
      if (power === 0) return undefined
      digits -= power
    } else if (digits > exactDigits) return undefined
    if ((byte | 0x20) === 0x65) {
      byte = body[++position] as number
      const small = byte === minus
      if (small || byte === plus) byte = body[++position] as number
      const begin = position
      let exponent = 0
      for (; byte >= zero && byte <= nine; byte = body[++position] as number) exponent = exponent * 10 + byte - zero
      if (position === begin) return undefined
      power += small ? -exponent : exponent
    }
    if (next === room || position > end) return undefined
    if (digits <= exactDigits && power >= -22 && power <= 22) {
      const value = power < 0 ? mantissa / (powers[-power] as number) : mantissa * (powers[power] as number)
      numbers[next++] = negative ? -value : value
    } else numbers[next++] = Number(body.toString('latin1', start, position))
    while (isSpace(byte)) byte = body[++position] as number
    if (byte === close) return { count: next - at, end: position + 1 }
    if (byte !== comma) return undefined
    position++
  }
}

/**
 * Takes long flat lists of numbers that are values of "data" out of a body's JSON, which ends before `end`: most bytes of a large request
 * are such numbers, and a parser that makes a list of values of them costs three times as much as reading them. What is no such list, or not
 * spelt as JSON spells it, stays in the text.
 */
export function liftNumbers(body: Buffer, end: number): Lifted {
  const lists: Float64Array[] = []
  let text = ''
  let copied = 0
  let used = 0
  for (let found = body.indexOf('"data"'); found >= 0 && found < end; ) {
    let position = found + 6
    while (isSpace(body[position])) position++
    if (body[found - 1] !== backslash && body[position] === colon) {
      do position++
      while (isSpace(body[position]))
      const list = body[position] === open ? scan(body, position + 1, end, used) : undefined
      if (list && list.count >= fewNumbers && list.end <= end) {
        text += `${body.toString('utf8', copied, position)}"${mark}:${lists.length}"`
        lists.push(numbers.subarray(used, used + list.count))
        used += list.count
        copied = list.end
        position = list.end
      }
    }
    found = body.indexOf('"data"', position)
  }
  text += body.toString('utf8', copied, end)
  const list = (value: unknown): Float64Array | undefined =>
    typeof value === 'string' && value.startsWith(mark) ? lists[Number(value.slice(mark.length + 1))] : undefined
  return { text, list }
}
