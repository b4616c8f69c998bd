/** Writes Kafka's primitive types, big endian, into a buffer that grows. */
export class Writer {
  #buffer: Buffer
  #length = 0

  /** `size`: bytes to begin with; right at once, nothing is copied again. */
  constructor(size = 256) {
    this.#buffer = Buffer.allocUnsafe(size)
  }

  get length(): number {
    return this.#length
  }

  /** What was written, not copied: write no more after asking for it. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  #take(size: number): number {
    const at = this.#length
    const needed = at + size
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length))
      this.#buffer.copy(larger, 0, 0, at)
      this.#buffer = larger
    }
    this.#length = needed
    return at
  }

  int8(value: number): this {
    const at = this.#take(1)
    this.#buffer.writeInt8(value, at)
    return this
  }

  int16(value: number): this {
    const at = this.#take(2)
    this.#buffer.writeInt16BE(value, at)
    return this
  }

  int32(value: number): this {
    const at = this.#take(4)
    this.#buffer.writeInt32BE(value, at)
    return this
  }

  uint32(value: number): this {
    const at = this.#take(4)
    this.#buffer.writeUInt32BE(value, at)
    return this
  }

  int64(value: bigint): this {
    const at = this.#take(8)
    this.#buffer.writeBigInt64BE(value, at)
    return this
  }

  /** Zigzag, seven bits a byte; within 32 bits. */
  varint(value: number): this {
    let rest = ((value << 1) ^ (value >> 31)) >>> 0
    const at = this.#take(varintSize(value))
    let i = at
    for (; rest > 0x7f; rest >>>= 7) this.#buffer[i++] = (rest & 0x7f) | 0x80
    this.#buffer[i] = rest
    return this
  }

  raw(bytes: Buffer): this {
    const at = this.#take(bytes.length)
    bytes.copy(this.#buffer, at)
    return this
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1)
    const bytes = Buffer.from(value)
    return this.int16(bytes.length).raw(bytes)
  }

  bytesField(value: Buffer | null): this {
    return value === null ? this.int32(-1) : this.int32(value.length).raw(value)
  }

  array<T>(items: readonly T[], write: (writer: this, item: T) => void): this {
    this.int32(items.length)
    for (const item of items) write(this, item)
    return this
  }

  /** Writes over four bytes that stand already. */
  patchInt32(value: number, at: number): void {
    this.#buffer.writeInt32BE(value, at)
  }

  patchUint32(value: number, at: number): void {
    this.#buffer.writeUInt32BE(value, at)
  }
}

/** Bytes that `varint` takes. */
export function varintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  return zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : zigzag < 0x20_0000 ? 3 : zigzag < 0x1000_0000 ? 4 : 5
}
