/** A stream of numbers that follows from a seed and the number of an input alone, so that any input can be made again by itself. */
export class Random {
  #a = 0
  #b = 0
  #c = 0
  #d = 0

  /** Begins the stream of one input. */
  reset(seed: number, index: number): void {
    this.#a = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0
    this.#b = Math.imul(index ^ 0x243f6a88, 0xc2b2ae35) | 0
    this.#c = (seed ^ (index >>> 3)) | 0
    this.#d = Math.floor(index / 2 ** 32) | 1
    for (let i = 0; i < 8; i++) this.next()
  }

  /** 0 to 2^32 - 1 (sfc32). */
  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0
    this.#d = (this.#d + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (this.#c << 21) | (this.#c >>> 11)
    this.#c = (this.#c + t) | 0
    return t >>> 0
  }

  /** 0 to n - 1. */
  below(n: number): number {
    return Math.floor((this.next() / 2 ** 32) * n)
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!
  }
}
