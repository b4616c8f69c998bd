import type { Trace } from '../simulate/load.ts'

const dayMinutes = 1_440

/** Numbers from 0 to 1 that are the same for the same seed (xorshift). */
function random(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  return () => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 4_294_967_296
  }
}

/** Normally distributed, by Box and Muller. */
const normal = (uniform: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())

const logistic = (x: number): number => 1 / (1 + Math.exp(-x))
const bell = (x: number): number => Math.exp(-x * x)

/** A daily rhythm around a mean. */
const rhythm = (minute: number, mean: number): number =>
  mean * (1 + 0.45 * Math.sin(2 * Math.PI * ((minute % dayMinutes) / dayMinutes - 0.35)))

/** Noise as sites have it: it falls with the root of the level, and a part of it lasts for minutes. */
function noisy(level: Float64Array, uniform: () => number): Float64Array {
  let lasting = 0
  return level.map((mean) => {
    lasting = 0.7 * lasting + normal(uniform) * Math.sqrt(1 - 0.7 ** 2)
    const spread = 0.033 * (13_500 / mean) ** 0.45
    return Math.max(0, Math.round(mean * (1 + spread * (0.8 * normal(uniform) + 0.6 * lasting))))
  })
}

/**
 * Days on which something happens that many look at, as the matches of a tournament: none to four events a day at no fixed minute, of different size; the
 * load rises with a time scale of 3 to 12 minutes (times `slower`), halves in between, comes back, and ends with a last rush.
 */
function events(seed: number, days: number, slower: number): Float64Array {
  const uniform = random(seed)
  for (let i = 0; i < 20; i++) uniform()
  const mean = 18_000
  const level = Float64Array.from({ length: days * dayMinutes }, (_, i) => rhythm(i, mean))
  for (let day = 0; day < days; day++) {
    const count = Math.max(0, Math.round(2.5 + (uniform() - 0.5) * 3))
    const slots = [750, 870, 930, 1_050, 1_140].map((slot) => ({ slot, order: uniform() }))
    for (const { slot } of slots.sort((a, b) => a.order - b.order).slice(0, count)) {
      const start = day * dayMinutes + slot + Math.round((uniform() - 0.5) * 20)
      const height = mean * (0.8 + 5 * uniform() ** 1.5)
      const [rise, fall, length, pause] = [
        (3 + 9 * uniform()) * slower,
        5 + 20 * uniform(),
        100 + 15 * uniform(),
        0.2 + 0.4 * uniform(),
      ]
      for (let i = Math.max(0, start - 150); i < Math.min(level.length, start + 400); i++) {
        const at = i - start
        const up = logistic(at / rise)
        const half = 1 - pause * 0.5 * bell((at - 52) / 8) + 0.35 * pause * bell((at - 62) / 5)
        level[i]! += height * (up * logistic((length - at) / fall) * half + 0.25 * bell((at - length + 3) / 5) * up)
      }
    }
  }
  return noisy(level, uniform)
}

/** What can be made: the requests of each minute, from a seed. */
const kinds = {
  events: (seed: number, days: number) => events(seed, days, 1),
  'slow-events': (seed: number, days: number) => events(seed, days, 2),
  diurnal: (seed: number, days: number) =>
    noisy(
      Float64Array.from({ length: days * dayMinutes }, (_, i) => rhythm(i, 60_000)),
      random(seed),
    ),
  noise: (seed: number, days: number) => {
    const uniform = random(seed)
    return Float64Array.from({ length: days * dayMinutes }, () => Math.round(9_000 * uniform() ** 2))
  },
  sawtooth: (_: number, days: number) =>
    Float64Array.from({ length: days * dayMinutes }, (_, i) => 2_000 + 100 * (i % 60)),
  steps: (seed: number, days: number) => {
    const uniform = random(seed)
    let level = 3_000
    return Float64Array.from({ length: days * dayMinutes }, (_, i) => {
      if (i % 90 === 0) level = 1_000 + Math.round(8_000 * uniform())
      return level
    })
  },
} as const

export type Kind = keyof typeof kinds
export const kindNames = Object.keys(kinds) as Kind[]

/** A load that nobody recorded, the same for the same seed: to judge a forecaster on what it was not chosen on. */
export const made = (kind: Kind, seed: number, days: number): Trace => ({
  perSecond: kinds[kind](seed, days).map((requests) => requests / 60),
})
