import { fold } from '../pattern.ts'
import { alphabetOf } from './alphabet.ts'
import type { Literal, Sink } from './automaton.ts'

/**
 * Finds which literals a text begins with (or ends with), reading only as far as some literal goes on: a tree of characters in one table. A literal may
 * ask for the whole text.
 */
export class EdgeTree {
  readonly #fromEnd: boolean
  readonly #ascii: Uint8Array
  readonly #other: ReadonlyMap<number, number>
  readonly #classes: number
  /** The next node for `node + class`, nodes multiplied by the number of classes; 0 where no literal goes on. */
  readonly #next: Uint32Array
  readonly #ends: readonly (Int32Array | undefined)[]
  readonly #wholes: readonly (Int32Array | undefined)[]

  /** @param literals folded, at the text's start or, from the end, at its end; `wholes` are texts as a whole */
  constructor(fromEnd: boolean, literals: readonly Literal[], wholes: readonly Literal[]) {
    this.#fromEnd = fromEnd
    const { ascii, other, classes } = alphabetOf([...literals, ...wholes].map(({ text }) => text))
    this.#ascii = ascii
    this.#other = other
    this.#classes = classes
    const rows: number[][] = [Array<number>(classes).fill(0)]
    const insert = (all: readonly Literal[]): number[][] => {
      const found: number[][] = []
      for (const { text, number } of all) {
        let node = 0
        for (let i = 0; i < text.length; i++) {
          const c = this.#class(text.charCodeAt(fromEnd ? text.length - 1 - i : i))
          if (rows[node]![c] === 0) rows[node]![c] = rows.push(Array<number>(classes).fill(0)) - 1
          node = rows[node]![c]!
        }
        found[node] ??= []
        found[node]!.push(number)
      }
      return found
    }
    const ends = insert(literals)
    const whole = insert(wholes)
    this.#next = new Uint32Array(rows.length * classes)
    rows.forEach((row, node) => {
      for (let c = 0; c < classes; c++) this.#next[node * classes + c] = row[c]! * classes
    })
    this.#ends = rows.map((_, node) => (ends[node] === undefined ? undefined : Int32Array.from(ends[node])))
    this.#wholes = rows.map((_, node) => (whole[node] === undefined ? undefined : Int32Array.from(whole[node])))
  }

  /** Tells the sink of every literal at the edge of the text, folded or not. */
  scan(text: string, sink: Sink): void {
    const length = text.length
    let node = 0
    this.#tell(this.#ends[0], sink)
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(this.#fromEnd ? length - 1 - i : i)
      if (code > 127) {
        // What was found so far stands at the edge of the folded text too, and is found again.
        this.#scanFolded(fold(text), sink)
        return
      }
      node = this.#next[node + this.#ascii[code]!]!
      if (node === 0) return
      const found = this.#ends[node / this.#classes]
      if (found !== undefined) this.#tell(found, sink)
    }
    this.#tell(this.#wholes[node / this.#classes], sink)
  }

  #scanFolded(folded: string, sink: Sink): void {
    let node = 0
    for (let i = 0; i < folded.length; i++) {
      node = this.#next[node + this.#class(folded.charCodeAt(this.#fromEnd ? folded.length - 1 - i : i))]!
      if (node === 0) return
      this.#tell(this.#ends[node / this.#classes], sink)
    }
    this.#tell(this.#wholes[node / this.#classes], sink)
  }

  #tell(numbers: Int32Array | undefined, sink: Sink): void {
    if (numbers === undefined) return
    for (let i = 0; i < numbers.length; i++) sink.hit(numbers[i]!)
  }

  #class(code: number): number {
    return code < 128 ? this.#ascii[code]! : (this.#other.get(code) ?? 0)
  }
}
