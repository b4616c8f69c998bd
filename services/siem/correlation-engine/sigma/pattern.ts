import { limits } from './limits.ts'

/** `?`: exactly one character (a UTF-16 code unit). */
export const one = 1
/** `*`: any number of characters. */
export const many = 2

/** A value of a rule: text with wildcards. Normal form: no two texts and no two `many` beside each other, no empty text. */
export type Pattern = readonly (string | typeof one | typeof many)[]

/** The pattern that a value of a rule means: `*` and `?` are wildcards, `\*`, `\?` and `\\` the characters themselves, any other `\` a backslash. */
export function parsePattern(source: string): Pattern {
  if (source.length > limits.valueCharacters)
    throw new Error(`A value has ${source.length} characters; at most ${limits.valueCharacters} are read.`)
  const pieces: (string | typeof one | typeof many)[] = []
  let text = ''
  for (let i = 0; i < source.length; i++) {
    const c = source[i]!
    const next = source[i + 1]
    if (c === '\\' && (next === '*' || next === '?' || next === '\\')) {
      text += next
      i++
    } else if (c === '*' || c === '?') {
      if (text !== '') pieces.push(text)
      text = ''
      pieces.push(c === '*' ? many : one)
    } else text += c
  }
  if (text !== '') pieces.push(text)
  return normal(pieces)
}

/** The pattern of a text that has no wildcards. */
export const literal = (text: string): Pattern => (text === '' ? [] : [text])

/** The text of a pattern without wildcards; undefined when it has some. */
export function plainText(pattern: Pattern): string | undefined {
  if (pattern.length === 0) return ''
  const [only] = pattern
  return pattern.length === 1 && typeof only === 'string' ? only : undefined
}

/** Merges texts and `many` that stand beside each other. */
export function normal(pieces: Pattern): Pattern {
  const out: (string | typeof one | typeof many)[] = []
  for (const piece of pieces) {
    const last = out.at(-1)
    if (typeof piece === 'string' && typeof last === 'string') out[out.length - 1] = last + piece
    else if (piece === many && last === many) continue
    else if (piece !== '') out.push(piece)
  }
  return out
}

/** The pattern anywhere in a text. */
export const anywhere = (pattern: Pattern): Pattern => normal([many, ...pattern, many])

/**
 * The text as it is compared without regard to case: Unicode's simple lower case, independent of locale, with the final sigma as any other.
 * No full folding: `ß` is not `ss`. Lengths may change (`İ`), which no comparison depends on.
 */
export function fold(text: string): string {
  const lower = text.toLowerCase()
  return lower.includes('ς') ? lower.replaceAll('ς', 'σ') : lower
}

/** The same pattern for texts that went through `fold`. */
export const foldPattern = (pattern: Pattern): Pattern =>
  pattern.map((piece) => (typeof piece === 'string' ? fold(piece) : piece))

/**
 * Whether the whole text is what the pattern says. Greedy with one remembered `many`, so its time is at most the product of both lengths
 * and its memory constant.
 */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  let p = 0
  let i = 0
  let afterMany = -1
  let retry = 0
  for (;;) {
    const piece = pattern[p]
    if (piece === many) {
      p++
      if (p === pattern.length) return true
      afterMany = p
      retry = i
      continue
    }
    if (piece === undefined) {
      if (i === text.length) return true
    } else if (piece === one) {
      if (i < text.length) {
        i++
        p++
        continue
      }
    } else if (text.startsWith(piece, i)) {
      i += piece.length
      p++
      continue
    }
    if (afterMany < 0) return false
    const first = pattern[afterMany]
    retry++
    if (typeof first === 'string') {
      if (afterMany === pattern.length - 1) return text.length - first.length >= retry && text.endsWith(first)
      retry = text.indexOf(first, retry)
      if (retry < 0) return false
    } else if (retry > text.length) return false
    i = retry
    p = afterMany
  }
}
