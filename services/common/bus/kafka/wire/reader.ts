/** What a broker sent is not what its version of the protocol says. */
export class WireError extends Error {
  readonly code = 'KAFKA_WIRE'
}

/** Reads Kafka's primitive types out of one answer; what it hands out lies in the answer's own memory. Throws WireError beyond the end. */
export class Reader {
  readonly buffer: Buffer
  #at = 0

  constructor(buffer: Buffer) {
    this.buffer = buffer
  }

  get position(): number {
    return this.#at
  }

  get left(): number {
    return this.buffer.length - this.#at
  }

  #take(size: number): number {
    const at = this.#at
    if (size < 0 || at + size > this.buffer.length)
      throw new WireError(`An answer of ${this.buffer.length} bytes ends before ${size} bytes at ${at}.`)
    this.#at = at + size
    return at
  }

  int8(): number {
    const at = this.#take(1)
    return this.buffer.readInt8(at)
  }

  int16(): number {
    const at = this.#take(2)
    return this.buffer.readInt16BE(at)
  }

  int32(): number {
    const at = this.#take(4)
    return this.buffer.readInt32BE(at)
  }

  uint32(): number {
    const at = this.#take(4)
    return this.buffer.readUInt32BE(at)
  }

  int64(): bigint {
    const at = this.#take(8)
    return this.buffer.readBigInt64BE(at)
  }

  /** Zigzag, seven bits a byte. Exact up to 53 bits: lengths and differences of times are. */
  varint(): number {
    let value = 0
    let factor = 1
    for (let i = 0; i < 10; i++) {
      const at = this.#take(1)
      const byte = this.buffer[at]!
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      factor *= 128
    }
    throw new WireError('A number of variable length has more than ten bytes.')
  }

  skip(size: number): void {
    this.#take(size)
  }

  slice(size: number): Buffer {
    const at = this.#take(size)
    return this.buffer.subarray(at, at + size)
  }

  nullableString(): string | null {
    const length = this.int16()
    return length < 0 ? null : this.slice(length).toString()
  }

  string(): string {
    return this.nullableString() ?? ''
  }

  bytesField(): Buffer | null {
    const length = this.int32()
    return length < 0 ? null : this.slice(length)
  }

  /** A null array reads as empty. */
  array<T>(read: (reader: this) => T): T[] {
    const length = this.int32()
    // Each item has a byte at least: a wrong length cannot make this loop for ever.
    if (length > this.left) throw new WireError(`An array of ${length} items cannot lie in ${this.left} bytes.`)
    const items: T[] = []
    for (let i = 0; i < length; i++) items.push(read(this))
    return items
  }
}
