/** Classes of the characters that literals use: 0 is every other character. An upper-case letter of ASCII is of its lower-case one's class. */
export interface Alphabet {
  /** By code, of ASCII. */
  readonly ascii: Uint8Array
  readonly other: ReadonlyMap<number, number>
  /** How many there are, class 0 among them. */
  readonly classes: number
}

/** @param texts folded */
export function alphabetOf(texts: Iterable<string>): Alphabet {
  const ascii = new Uint8Array(128)
  const other = new Map<number, number>()
  let classes = 1
  for (const text of texts)
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code < 128) ascii[code] ||= classes++
      else if (!other.has(code)) other.set(code, classes++)
    }
  for (let code = 65; code <= 90; code++) ascii[code] = ascii[code + 32]!
  return { ascii, other, classes }
}
