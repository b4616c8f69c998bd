import { WireError } from './reader.ts'

/** More than any answer that we ask for: fetches are bounded far below. */
const maxFrame = 128 * 2 ** 20

/** Cuts a stream into answers, each preceded by its length in four bytes. Throws WireError. */
export class Frames {
  readonly #frame: (bytes: Buffer) => void
  #chunks: Buffer[] = []
  #length = 0

  constructor(frame: (bytes: Buffer) => void) {
    this.#frame = frame
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    for (;;) {
      if (this.#length < 4) return
      if (this.#chunks[0]!.length < 4) this.#join()
      const size = this.#chunks[0]!.readInt32BE(0)
      if (size < 0 || size > maxFrame) throw new WireError(`An answer claims to have ${size} bytes.`)
      if (this.#length < 4 + size) return
      if (this.#chunks[0]!.length < 4 + size) this.#join()
      const [first] = this.#chunks
      this.#frame(first!.subarray(4, 4 + size))
      this.#length -= 4 + size
      if (first!.length === 4 + size) this.#chunks.shift()
      else this.#chunks[0] = first!.subarray(4 + size)
    }
  }

  #join(): void {
    this.#chunks = [Buffer.concat(this.#chunks, this.#length)]
  }
}
