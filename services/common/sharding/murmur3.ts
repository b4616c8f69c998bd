const c1 = 0xcc9e2d51
const c2 = 0x1b873593

const mix = (k: number): number => {
  const a = Math.imul(k, c1)
  return Math.imul((a << 15) | (a >>> 17), c2)
}

/**
 * MurmurHash3_x86_32 of bytes (or of a string's UTF-8), an unsigned 32-bit number.
 * @see https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export function murmur3(input: Uint8Array | string, seed = 0): number {
  const data = typeof input === 'string' ? Buffer.from(input, 'utf8') : input
  const blocks = data.length & ~3
  let h = seed | 0
  for (let i = 0; i < blocks; i += 4) {
    h ^= mix(data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24))
    h = (h << 13) | (h >>> 19)
    h = (Math.imul(h, 5) + 0xe6546b64) | 0
  }
  let tail = 0
  for (let i = data.length - 1; i >= blocks; i--) tail = (tail << 8) | data[i]!
  if (data.length > blocks) h ^= mix(tail)
  h ^= data.length
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
