/**
 * ClickHouse's RowBinary: values one after the other, little endian, strings behind their length as a LEB128 varint. A buffer that grows.
 * @see https://clickhouse.com/docs/interfaces/formats/RowBinary
 */
export class RowBinary {
  #buffer: Buffer
  #at = 0

  constructor(initialBytes: number) {
    this.#buffer = Buffer.allocUnsafe(Math.max(64, initialBytes))
  }

  /** What was written; a view that the next write may overtake. */
  get written(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, this.#at + bytes))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }

  #length(value: number): void {
    let v = value
    for (; v >= 128; v = Math.floor(v / 128)) this.#buffer[this.#at++] = (v % 128) | 128
    this.#buffer[this.#at++] = v
  }

  /** String and LowCardinality(String). */
  text(value: string | Buffer): void {
    const length = typeof value === 'string' ? Buffer.byteLength(value) : value.length
    this.#room(length + 8)
    this.#length(length)
    if (typeof value === 'string') this.#buffer.write(value, this.#at, length)
    else value.copy(this.#buffer, this.#at)
    this.#at += length
  }

  uint32(value: number): void {
    this.#room(4)
    this.#at = this.#buffer.writeUInt32LE(value, this.#at)
  }

  /** DateTime64(3): milliseconds since the epoch, as Int64. */
  milliseconds(value: number): void {
    this.#room(8)
    const high = Math.floor(value / 2 ** 32)
    this.#at = this.#buffer.writeUInt32LE(value - high * 2 ** 32, this.#at)
    this.#at = this.#buffer.writeInt32LE(high, this.#at)
  }
}
