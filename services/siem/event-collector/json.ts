/*
 * Whether bytes are one JSON object, without building it: the collector keeps events to the byte and needs the verdict alone, at half of
 * what JSON.parse costs. The verdict is JSON.parse's on UTF-8 (a law in json.test.ts, and a target of the fuzzer).
 */

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a]
const [openBrace, closeBrace, open, close] = [0x7b, 0x7d, 0x5b, 0x5d]

/** Of bytes in a string: 0 ordinary, 1 ends or escapes or is forbidden. */
const special = new Uint8Array(256)
for (let c = 0; c < 0x20; c++) special[c] = 1
special[quote] = 1
special[backslash] = 1
/** What may follow a backslash: 1 itself, 2 four hexadecimal digits. */
const escapes = new Uint8Array(256)
for (const c of '"\\/bfnrt') escapes[c.charCodeAt(0)] = 1
escapes[0x75] = 2
const hexadecimal = new Uint8Array(256)
for (const c of '0123456789abcdefABCDEF') hexadecimal[c.charCodeAt(0)] = 1

/** Kinds of the containers around the place that is read: 1 an object, 0 an array. */
let kinds = new Uint8Array(256)

/** The place after the string whose first byte after the quote is at `from`; -1 where it is none. */
function stringEnd(bytes: Uint8Array, from: number, to: number): number {
  let i = from
  for (;;) {
    while (i < to && special[bytes[i]!] === 0) i++
    if (i >= to) return -1
    const c = bytes[i]!
    if (c === quote) return i + 1
    if (c !== backslash) return -1
    const kind = i + 1 < to ? escapes[bytes[i + 1]!]! : 0
    if (kind === 1) i += 2
    else if (kind === 2 && i + 6 <= to) {
      for (let digit = i + 2; digit < i + 6; digit++) if (hexadecimal[bytes[digit]!] === 0) return -1
      i += 6
    } else return -1
  }
}

const isDigit = (c: number | undefined): boolean => c !== undefined && c >= 0x30 && c <= 0x39

/** The place after the number at `from`; -1 where none is. */
function numberEnd(bytes: Uint8Array, from: number, to: number): number {
  let i = from
  if (bytes[i] === 0x2d) i++
  if (i >= to || !isDigit(bytes[i])) return -1
  if (bytes[i] === 0x30) i++
  else while (i < to && isDigit(bytes[i])) i++
  if (i < to && bytes[i] === 0x2e) {
    const fraction = ++i
    while (i < to && isDigit(bytes[i])) i++
    if (i === fraction) return -1
  }
  if (i < to && (bytes[i] === 0x65 || bytes[i] === 0x45)) {
    i++
    if (i < to && (bytes[i] === 0x2b || bytes[i] === 0x2d)) i++
    const exponent = i
    while (i < to && isDigit(bytes[i])) i++
    if (i === exponent) return -1
  }
  return i
}

const words: readonly (readonly number[])[] = ['true', 'false', 'null'].map((word) => [...Buffer.from(word)])

function wordEnd(bytes: Uint8Array, from: number, to: number): number {
  const word = words.find(([first]) => first === bytes[from])
  if (word === undefined || from + word.length > to) return -1
  for (let i = 1; i < word.length; i++) if (bytes[from + i] !== word[i]) return -1
  return from + word.length
}

function skipSpace(bytes: Uint8Array, from: number, to: number): number {
  let i = from
  while (i < to) {
    const c = bytes[i]!
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) break
    i++
  }
  return i
}

/** Told of each member of the outermost object: where its key (without quotes) and its value stand. */
export type Member = (keyFrom: number, keyTo: number, valueFrom: number, valueTo: number) => void

/**
 * What [from, to) of UTF-8 bytes is: one JSON object, other JSON (`value`), or none at all. `member` is told of the outermost object's members
 * whose value is a text or a number.
 */
export function scanJson(bytes: Uint8Array, from: number, to: number, member?: Member): 'object' | 'value' | undefined {
  let i = skipSpace(bytes, from, to)
  const isObject = i < to && bytes[i] === openBrace
  let depth = 0
  let keyFrom = -1
  let keyTo = -1
  for (;;) {
    // Here a value must stand.
    if (i >= to) return undefined
    const valueFrom = i
    const c = bytes[i]!
    let closed = true
    if (c === quote) i = stringEnd(bytes, i + 1, to)
    else if (c === openBrace || c === open) {
      const own = c === openBrace ? 1 : 0
      i = skipSpace(bytes, i + 1, to)
      if (i < to && bytes[i] === (own ? closeBrace : close)) i++
      else {
        if (depth === kinds.length) {
          const more = new Uint8Array(2 * depth)
          more.set(kinds)
          kinds = more
        }
        kinds[depth++] = own
        closed = false
      }
    } else i = c === 0x2d || isDigit(c) ? numberEnd(bytes, i, to) : wordEnd(bytes, i, to)
    if (i < 0) return undefined
    if (closed) {
      if (member && depth === 1 && keyFrom >= 0 && c !== openBrace && c !== open) member(keyFrom, keyTo, valueFrom, i)
      // After a value: the ends of containers, or a comma.
      for (;;) {
        i = skipSpace(bytes, i, to)
        if (depth === 0) return i === to ? (isObject ? 'object' : 'value') : undefined
        if (i >= to) return undefined
        const after = bytes[i++]!
        if (after === comma) break
        if (after !== (kinds[depth - 1] ? closeBrace : close)) return undefined
        depth--
      }
      i = skipSpace(bytes, i, to)
    }
    if (kinds[depth - 1]) {
      if (i >= to || bytes[i] !== quote) return undefined
      const end = stringEnd(bytes, i + 1, to)
      if (end < 0) return undefined
      if (depth === 1) {
        keyFrom = i + 1
        keyTo = end - 1
      }
      i = skipSpace(bytes, end, to)
      if (i >= to || bytes[i] !== colon) return undefined
      i = skipSpace(bytes, i + 1, to)
    }
  }
}
