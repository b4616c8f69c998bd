/** Castagnoli's polynomial, bits reversed. */
const polynomial = 0x82f6_3b78
const lanes = 8

/** `tables[k * 256 + b]`: what byte b does to the sum when k bytes follow it. */
const tables = new Int32Array(lanes * 256)
for (let byte = 0; byte < 256; byte++) {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
  tables[byte] = crc
}
for (let i = 256; i < tables.length; i++) {
  const before = tables[i - 256]!
  tables[i] = (before >>> 8) ^ tables[before & 0xff]!
}

/**
 * The CRC-32C of `bytes` from `start` on, eight bytes a step (slicing-by-8).
 * @see https://doi.org/10.1109/TC.2008.85 M. Kounavis, F. Berry: Novel Table Lookup-Based Algorithms for High-Performance CRC Generation
 */
export function crc32c(bytes: Uint8Array, start = 0): number {
  const t = tables
  const end = bytes.length
  let crc = -1
  let i = start
  for (const last = end - lanes; i <= last; i += lanes) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    crc =
      t[1792 + (crc & 0xff)]! ^
      t[1536 + ((crc >>> 8) & 0xff)]! ^
      t[1280 + ((crc >>> 16) & 0xff)]! ^
      t[1024 + (crc >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ t[(crc ^ bytes[i]!) & 0xff]!
  return ~crc >>> 0
}
