import { fold } from '../pattern.ts'
import type { Literal, Sink } from './automaton.ts'

const slots = 4096

/** A place in the table for two characters, the same for both cases of ASCII letters. Others may share it: it only says where to look. */
const place = (first: number, second: number): number => ((first | 32) * 61 + (second | 32)) & (slots - 1)

/** The ASCII character that a character beyond ASCII may stand for when folded (the Kelvin sign, the dotted capital I), or some other. */
const asAscii = (code: number): number => (code === 0x212a ? 107 : code === 0x130 ? 105 : 0)

/**
 * Finds which of a few literals stand in a text without reading all of it: after Wu and Manber (1994), the two characters at the end of a window tell
 * how far the next place can be where some literal could stand.
 */
export class SkipSearch {
  /** Characters of the shortest literal, which is the window. */
  readonly #window: number
  readonly #shift: Uint8Array
  /** The literals of which a window may end with the two characters of a place. */
  readonly #at = new Map<number, readonly Literal[]>()

  /** Whether a set of literals can be searched so, and is worth it: few, not short, ASCII. */
  static suits(literals: readonly Literal[]): boolean {
    return literals.length <= 64 && literals.every(({ text }) => text.length >= 4 && /^[\0-\x7f]+$/.test(text))
  }

  /** @param literals such as `suits` says, folded */
  constructor(literals: readonly Literal[]) {
    this.#window = Math.min(128, ...literals.map(({ text }) => text.length))
    this.#shift = new Uint8Array(slots).fill(this.#window - 1)
    const at = new Map<number, Literal[]>()
    for (const literal of literals)
      for (let end = 1; end < this.#window; end++) {
        const where = place(literal.text.charCodeAt(end - 1), literal.text.charCodeAt(end))
        const left = this.#window - 1 - end
        this.#shift[where] = Math.min(this.#shift[where]!, left)
        if (left === 0) at.set(where, [...(at.get(where) ?? []), literal])
      }
    this.#at = at
  }

  /** Tells the sink of every literal in the text, folded or not. */
  scan(text: string, sink: Sink): void {
    const shift = this.#shift
    const length = text.length
    for (let end = this.#window - 1; end < length; ) {
      let first = text.charCodeAt(end - 1)
      let second = text.charCodeAt(end)
      if ((first | second) > 127) {
        if (first > 127) first = asAscii(first)
        if (second > 127) second = asAscii(second)
      }
      const where = place(first, second)
      const far = shift[where]!
      if (far === 0) {
        this.#verify(text, end - this.#window + 1, where, sink)
        end++
      } else end += far
    }
  }

  #verify(text: string, from: number, where: number, sink: Sink): void {
    const literals = this.#at.get(where)!
    for (let i = 0; i < literals.length; i++) {
      const literal = literals[i]!
      // Of what folding makes longer, only the end of the text cut out can matter: an ASCII literal holds nothing of the rest.
      if (fold(text.slice(from, from + literal.text.length)).startsWith(literal.text)) sink.hit(literal.number)
    }
  }
}
