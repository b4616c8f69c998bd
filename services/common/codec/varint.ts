/** LEB128: seven bits a byte, the lowest first. Whole numbers from 0 to 2 ** 53 − 1. How many bytes one takes. */
export function varintLength(value: number): number {
  let n = 1
  for (let v = value; v >= 128; v = Math.floor(v / 128)) n++
  return n
}

/** Writes a LEB128 varint at `at` and answers the place behind it; the caller has left room for `varintLength`. */
export function writeVarint(to: Buffer, at: number, value: number): number {
  let v = value
  let i = at
  for (; v >= 128; v = Math.floor(v / 128)) to[i++] = (v % 128) | 128
  to[i++] = v
  return i
}
