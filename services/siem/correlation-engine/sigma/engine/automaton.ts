import { fold } from '../pattern.ts'
import { alphabetOf } from './alphabet.ts'

const none = new Int32Array(0)

/** Is told of literals that were found, by their numbers; perhaps of one several times. */
export interface Sink {
  hit(literal: number): void
}

/** A literal to find and the number by which it is reported. */
export interface Literal {
  readonly text: string
  readonly number: number
}

/**
 * Finds which of many literals stand in a text, in one pass over the text whatever their number: the automaton of Aho and Corasick (1975), as one table
 * of transitions over the classes of characters that the literals use. Upper-case ASCII is folded on the way.
 */
export class Automaton {
  readonly #ascii: Uint8Array
  readonly #other: ReadonlyMap<number, number>
  readonly #classes: number
  /** The next state for `state + class`: states are multiplied by the number of classes, and those that end literals are -1 minus that. */
  readonly #next: Int32Array
  readonly #outputs: readonly Int32Array[]

  /** @param literals folded and not empty */
  constructor(literals: readonly Literal[]) {
    const { ascii, other, classes } = alphabetOf(literals.map(({ text }) => text))
    this.#ascii = ascii
    this.#other = other
    this.#classes = classes
    const trie = new Trie(literals, classes, (code) => this.#class(code))
    trie.complete()
    this.#outputs = trie.ends.map((numbers) => (numbers === undefined ? none : Int32Array.from(numbers)))
    const states = trie.ends.length
    this.#next = new Int32Array(states * classes)
    for (let at = 0; at < this.#next.length; at++) {
      const state = trie.next[at]!
      this.#next[at] = trie.ends[state] === undefined ? state * classes : -1 - state * classes
    }
  }

  /** Bytes of the table of transitions. */
  get bytes(): number {
    return this.#next.byteLength
  }

  /** Tells the sink of every literal in the text, folded or not. */
  scan(text: string, sink: Sink): void {
    const ascii = this.#ascii
    const next = this.#next
    let state = 0
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 127) {
        this.#scanFolded(fold(text), sink)
        return
      }
      state = next[state + ascii[code]!]!
      if (state < 0) {
        state = -1 - state
        this.#tell(state, sink)
      }
    }
  }

  /** The same for texts with characters beyond ASCII, whose lengths folding may change: from the beginning, on the folded text. */
  #scanFolded(folded: string, sink: Sink): void {
    let state = 0
    for (let i = 0; i < folded.length; i++) {
      state = this.#next[state + this.#class(folded.charCodeAt(i))]!
      if (state < 0) {
        state = -1 - state
        this.#tell(state, sink)
      }
    }
  }

  #tell(state: number, sink: Sink): void {
    const numbers = this.#outputs[state / this.#classes]!
    for (let i = 0; i < numbers.length; i++) sink.hit(numbers[i]!)
  }

  #class(code: number): number {
    return code < 128 ? this.#ascii[code]! : (this.#other.get(code) ?? 0)
  }
}

/** The states of an automaton while it is built: 0 is the root. */
class Trie {
  /** Literals that end in a state, also as the end of a longer one. */
  readonly ends: (number[] | undefined)[] = [undefined]
  next: Uint32Array
  readonly #classes: number
  #states = 1

  constructor(literals: readonly Literal[], classes: number, classOf: (code: number) => number) {
    this.#classes = classes
    const most = literals.reduce((sum, { text }) => sum + text.length, 1)
    this.next = new Uint32Array(most * classes)
    for (const { text, number } of literals) {
      let state = 0
      for (let i = 0; i < text.length; i++) {
        const at = state * classes + classOf(text.charCodeAt(i))
        if (this.next[at] === 0) {
          this.next[at] = this.#states++
          this.ends.push(undefined)
        }
        state = this.next[at]!
      }
      this.ends[state] ??= []
      this.ends[state]!.push(number)
    }
  }

  /** Fills in, breadth first, what happens where no literal goes on: what the longest end of the text that begins a literal does. */
  complete(): void {
    const fallback = new Uint32Array(this.#states)
    const order = [0]
    for (let at = 0; at < order.length; at++) {
      const state = order[at]!
      for (let c = 0; c < this.#classes; c++) {
        const place = state * this.#classes + c
        const child = this.next[place]!
        const otherwise = state === 0 ? 0 : this.next[fallback[state]! * this.#classes + c]!
        if (child === 0) this.next[place] = otherwise
        else {
          fallback[child] = otherwise
          const more = this.ends[otherwise]
          if (more !== undefined) this.ends[child] = [...(this.ends[child] ?? []), ...more]
          order.push(child)
        }
      }
    }
  }
}
