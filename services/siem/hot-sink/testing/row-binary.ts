import { type ColumnName, columns } from '../../../common/hot-tier/schema.ts'

/** A row as it comes out of RowBinary; times in milliseconds. */
export type ReadRow = Readonly<Record<Exclude<ColumnName, 'arrival' | 'time' | 'line'>, string>> & {
  readonly arrival: number
  readonly time: number
  readonly line: number
}

/** Reads RowBinary with the columns of the table, as the engine does. Throws where the engine would: at bytes that end early. */
export function readRows(bytes: Buffer): readonly ReadRow[] {
  let at = 0
  const varint = () => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes.readUInt8(at++)
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  const text = () => {
    const length = varint()
    if (at + length > bytes.length) throw new RangeError('A text ends early.')
    at += length
    return bytes.toString('utf8', at - length, at)
  }
  const read = (type: string): string | number => {
    if (type.endsWith('String') || type.endsWith('String)')) return text()
    if (type.startsWith('DateTime64(3')) {
      at += 8
      return Number(bytes.readBigInt64LE(at - 8))
    }
    if (type !== 'UInt32') throw new TypeError(type)
    at += 4
    return bytes.readUInt32LE(at - 4)
  }
  const rows: ReadRow[] = []
  while (at < bytes.length)
    rows.push(Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, read(type)])) as ReadRow)
  return rows
}
