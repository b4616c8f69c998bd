import { type ColumnName, columns } from '../../../common/hot-tier/schema.ts'

type Whole = {
  [Name in ColumnName]: (typeof columns)[Name] extends `${string}String${string}` ? never : Name
}[ColumnName]

/** A row as it comes out of a block; times in milliseconds. */
export type ReadRow = Readonly<Record<Exclude<ColumnName, Whole>, string>> & Readonly<Record<Whole, number>>

/** Reads forward; throws where the engine would: at bytes that end early. */
class Reader {
  readonly bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  uint(bytes: number): number {
    this.at += bytes
    return this.bytes.readUIntLE(this.at - bytes, bytes)
  }

  uint64(): number {
    this.at += 8
    return Number(this.bytes.readBigUInt64LE(this.at - 8))
  }

  varint(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.uint(1)
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }

  text(): string {
    const length = this.varint()
    if (this.at + length > this.bytes.length) throw new RangeError('A text ends early.')
    this.at += length
    return this.bytes.toString('utf8', this.at - length, this.at)
  }
}

const times = <T>(count: number, read: () => T): T[] => Array.from({ length: count }, read)

function readDictionary(from: Reader, rows: number): readonly string[] {
  if (from.uint64() !== 1) throw new TypeError('The dictionary has another version.')
  const kind = from.uint64() - 2 ** 9
  const keys = times(from.uint64(), () => from.text())
  if (from.uint64() !== rows) throw new RangeError('The dictionary has other rows than the block.')
  return times(rows, () => {
    const key = keys[from.uint(2 ** kind)]
    if (key === undefined) throw new RangeError('An index names no key.')
    return key
  })
}

function readColumn(from: Reader, type: string, rows: number): readonly (string | number)[] {
  if (type === 'LowCardinality(String)') return readDictionary(from, rows)
  if (type === 'String') return times(rows, () => from.text())
  if (type.startsWith('DateTime64(3')) return times(rows, () => from.uint64())
  const bits = /^UInt(8|16|32)$/.exec(type)?.[1]
  if (bits === undefined) throw new TypeError(type)
  return times(rows, () => from.uint(Number(bits) / 8))
}

/** Reads blocks in the Native format with the columns of the table, as the engine does. */
export function readRows(bytes: Buffer): readonly ReadRow[] {
  const from = new Reader(bytes)
  const all: ReadRow[] = []
  while (from.at < bytes.length) {
    const [width, rows] = [from.varint(), from.varint()]
    const read = times(width, () => {
      const [name, type] = [from.text(), from.text()]
      if (columns[name as ColumnName] !== type) throw new TypeError(`The table has no column '${name}' of ${type}.`)
      return [name, readColumn(from, type, rows)] as const
    })
    for (let i = 0; i < rows; i++) all.push(Object.fromEntries(read.map(([name, of]) => [name, of[i]])) as ReadRow)
  }
  return all
}
