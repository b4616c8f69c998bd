/** Weights of `count` ranks by Zipf's law: rank k, from 1, weighs 1 / k^exponent. Exponent 0: all alike. */
export const zipfWeights = (count: number, exponent: number): readonly number[] =>
  Array.from({ length: count }, (_, k) => 1 / (k + 1) ** exponent)

/**
 * Draws an index by its weight in constant time, with one random number (Vose's alias method).
 * Throws RangeError without a positive weight.
 */
export function weightedIndex(weights: readonly number[], random: () => number): () => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (!(total > 0) || weights.some((weight) => !(weight >= 0)))
    throw new RangeError('Weights must be zero or more, and one of them more.')
  const count = weights.length
  const share = Float64Array.from(weights, (weight) => (weight * count) / total)
  const alias = new Uint32Array(count)
  const small: number[] = []
  const large: number[] = []
  for (let i = 0; i < count; i++) (share[i]! < 1 ? small : large).push(i)
  while (small.length > 0 && large.length > 0) {
    const less = small.pop()!
    const more = large.at(-1)!
    alias[less] = more
    share[more] = share[more]! - (1 - share[less]!)
    if (share[more]! < 1) {
      large.pop()
      small.push(more)
    }
  }
  for (const rest of [...small, ...large]) share[rest] = 1
  return () => {
    const at = random() * count
    const index = Math.floor(at)
    return at - index < share[index]! ? index : alias[index]!
  }
}
