/** The smallest input found that still fails, by taking pieces away and making bytes plain. `tries` bounds the work. */
export function shrink(input: Buffer, fails: (input: Buffer) => boolean, tries = 20_000): Buffer {
  let best = input
  let left = tries
  const better = (candidate: Buffer): boolean => {
    if (left-- <= 0 || !fails(candidate)) return false
    best = candidate
    return true
  }
  for (let size = Math.ceil(best.length / 2); size >= 1 && left > 0; ) {
    let smaller = false
    for (let at = 0; at < best.length; ) {
      if (better(Buffer.concat([best.subarray(0, at), best.subarray(at + size)]))) smaller = true
      else at += size
    }
    if (size === 1 && !smaller) break
    size = smaller ? Math.min(size, Math.max(1, best.length)) : Math.floor(size / 2)
  }
  for (let at = 0; at < best.length && left > 0; at++) {
    if (best[at] === 0x61) continue
    const plain = Buffer.from(best)
    plain[at] = 0x61
    better(plain)
  }
  return best
}
