import { varintLength, writeVarint } from '../../common/codec/varint.ts'

/*
 * ClickHouse's Native format: blocks of columns. A block is the number of columns and of rows (LEB128 varints), then for each column its name, its
 * type and all its values. One block at most is as fast to read as memory can be copied.
 * @see https://clickhouse.com/docs/interfaces/formats/Native
 */

function text(value: string): Buffer {
  const length = Buffer.byteLength(value)
  const to = Buffer.allocUnsafe(varintLength(length) + length)
  to.write(value, writeVarint(to, 0, length))
  return to
}

/** One column of a block, filled row by row. */
export interface Column<T> {
  add(value: T): void
  /** The bytes of all its values. */
  values(): readonly Buffer[]
}

const bytesOf = (array: Uint8Array | Uint16Array | Uint32Array): Buffer =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength)

/** UInt8, UInt16 or UInt32. It grows where more values come than were announced. */
export class Numbers implements Column<number> {
  #values: Uint8Array | Uint16Array | Uint32Array
  #at = 0

  constructor(bits: 8 | 16 | 32, rows: number) {
    this.#values = bits === 8 ? new Uint8Array(rows) : bits === 16 ? new Uint16Array(rows) : new Uint32Array(rows)
  }

  add(value: number): void {
    if (this.#at === this.#values.length) {
      const larger = new (this.#values.constructor as Uint32ArrayConstructor)(2 * this.#at + 8)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#at++] = value
  }

  values(): readonly Buffer[] {
    return [bytesOf(this.#values.subarray(0, this.#at))]
  }
}

/** DateTime64(3): milliseconds since the epoch, as Int64. */
export class Milliseconds implements Column<number> {
  /** Two for each row, the lower half first: little endian, as every machine that Node runs on. */
  readonly #halves: Uint32Array
  #at = 0

  constructor(rows: number) {
    this.#halves = new Uint32Array(2 * rows)
  }

  add(value: number): void {
    const high = Math.floor(value / 2 ** 32)
    this.#halves[this.#at++] = value - high * 2 ** 32
    this.#halves[this.#at++] = high
  }

  values(): readonly Buffer[] {
    return [bytesOf(this.#halves)]
  }
}

/** A range of bytes in a larger buffer. */
export class Slice {
  of: Buffer = Buffer.alloc(0)
  from = 0
  to = 0
}

/** String: bytes behind their length. */
export class Bytes implements Column<Slice> {
  #to: Buffer
  #at = 0

  /** `bytes` is what all values have together; more is taken in too, at the cost of a copy. */
  constructor(bytes: number, rows: number) {
    this.#to = Buffer.allocUnsafe(Math.max(64, bytes + 4 * rows))
  }

  add({ of, from, to }: Slice): void {
    const length = to - from
    if (this.#at + length + 8 > this.#to.length) {
      const larger = Buffer.allocUnsafe(2 * this.#to.length + length + 8)
      this.#to.copy(larger, 0, 0, this.#at)
      this.#to = larger
    }
    this.#at = writeVarint(this.#to, this.#at, length)
    this.#at += of.copy(this.#to, this.#at, from, to)
  }

  values(): readonly Buffer[] {
    return [this.#to.subarray(0, this.#at)]
  }

  /** Gives its memory back: it is as large as the block, and V8 would look through its whole heap to find it free. It has no values any more. */
  done(): void {
    const { buffer, byteLength } = this.#to
    // Node's pool is everybody's.
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
  }
}

/** String, where neighbours are often equal. */
export class Texts implements Column<string> {
  readonly #bytes: Bytes
  readonly #slice = new Slice()
  #last: string | undefined

  constructor(rows: number) {
    this.#bytes = new Bytes(40 * rows, rows)
  }

  add(value: string): void {
    if (value !== this.#last) {
      this.#slice.of = Buffer.from(value)
      this.#slice.to = this.#slice.of.length
      this.#last = value
    }
    this.#bytes.add(this.#slice)
  }

  values(): readonly Buffer[] {
    return this.#bytes.values()
  }
}

/** How many keys the smaller kinds of index can name. */
const kinds = [
  { most: 2 ** 8, kind: 0, of: (indexes: Uint32Array) => new Uint8Array(indexes) },
  { most: 2 ** 16, kind: 1, of: (indexes: Uint32Array) => new Uint16Array(indexes) },
  { most: 2 ** 32, kind: 2, of: (indexes: Uint32Array) => indexes },
] as const
const dictionaryVersion = 1n
/** The keys come with the block. */
const ownKeys = 1n << 9n

/** LowCardinality(String): each value once, and for each row the index of its value. */
export class Dictionary implements Column<string> {
  readonly #indexes: Uint32Array
  readonly #keys = new Map<string, number>([['', 0]])
  #last = ''
  #lastIndex = 0
  #at = 0

  constructor(rows: number) {
    this.#indexes = new Uint32Array(rows)
  }

  add(value: string): void {
    if (value !== this.#last) {
      let index = this.#keys.get(value)
      if (index === undefined) {
        index = this.#keys.size
        this.#keys.set(value, index)
      }
      this.#last = value
      this.#lastIndex = index
    }
    this.#indexes[this.#at++] = this.#lastIndex
  }

  values(): readonly Buffer[] {
    const { kind, of } = kinds.find(({ most }) => this.#keys.size <= most) ?? kinds[2]
    const head = Buffer.allocUnsafe(24)
    head.writeBigUInt64LE(dictionaryVersion, 0)
    head.writeBigUInt64LE(ownKeys | BigInt(kind), 8)
    head.writeBigUInt64LE(BigInt(this.#keys.size), 16)
    const rows = Buffer.allocUnsafe(8)
    rows.writeBigUInt64LE(BigInt(this.#indexes.length))
    return [head, ...[...this.#keys.keys()].map(text), rows, bytesOf(of(this.#indexes))]
  }
}

type Values = readonly (string | number)[]

/** Tuple: one column after the other. */
export class Tuples implements Column<Values> {
  readonly #columns: readonly Column<never>[]

  constructor(columns: readonly Column<never>[]) {
    this.#columns = columns
  }

  add(value: Values): void {
    for (const [i, column] of this.#columns.entries()) column.add(value[i] as never)
  }

  values(): readonly Buffer[] {
    return this.#columns.flatMap((column) => column.values())
  }
}

/** Array: where each row's elements end, then all elements. */
export class Lists<T> implements Column<readonly T[]> {
  readonly #elements: Column<T>
  readonly #ends: bigint[] = []
  #end = 0

  constructor(elements: Column<T>) {
    this.#elements = elements
  }

  add(value: readonly T[]): void {
    for (const element of value) this.#elements.add(element)
    this.#end += value.length
    this.#ends.push(BigInt(this.#end))
  }

  values(): readonly Buffer[] {
    return [Buffer.from(BigUint64Array.from(this.#ends).buffer), ...this.#elements.values()]
  }
}

export interface NamedColumn {
  readonly name: string
  /** As ClickHouse names it. */
  readonly type: string
  readonly column: Pick<Column<never>, 'values'>
}

/** One block of these columns, each with `rows` values. */
export function nativeBlock(columns: readonly NamedColumn[], rows: number): Buffer {
  const head = Buffer.allocUnsafe(16)
  const end = writeVarint(head, writeVarint(head, 0, columns.length), rows)
  return Buffer.concat([
    head.subarray(0, end),
    ...columns.flatMap(({ name, type, column }) => [text(name), text(type), ...column.values()]),
  ])
}
