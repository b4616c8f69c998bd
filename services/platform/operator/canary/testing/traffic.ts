import { policies } from '../../../../../policies/bundle.ts'
import { latencyBounds } from '../../../../../policies/latencies.ts'
import { seeded } from '../../../../common/testing/random.ts'
import type { Figures, SubsetFigures } from '../judge.ts'

/** How a model answers. */
export interface Behaviour {
  /** The share of its answers that are errors. */
  readonly errors: number
  /** Half of them take at most so long, milliseconds. */
  readonly medianMs: number
  /** Of the logarithm: how far they are spread. */
  readonly spread: number
}

export const sound: Behaviour = { errors: 0.005, medianMs: 8, spread: 0.5 }

const bounds = latencyBounds(policies)

/** Requests of a span, by subset: can be added up. */
export interface Counted {
  requests: number
  errors: number
  /** By bound, not summed up; the last is beyond all. */
  slots: number[]
}

export const nothing = (): Counted => ({ requests: 0, errors: 0, slots: new Array<number>(bounds.length + 1).fill(0) })

export function add(to: Counted, more: Counted): void {
  to.requests += more.requests
  to.errors += more.errors
  for (const [i, count] of more.slots.entries()) to.slots[i]! += count
}

function figures({ requests, errors, slots }: Counted): SubsetFigures {
  let sum = 0
  return { requests, errors, latencies: { bounds, within: bounds.map((_, i) => (sum += slots[i]!)), total: requests } }
}

export const both = (stable: Counted, canary: Counted): Figures => ({
  stable: figures(stable),
  canary: figures(canary),
})

/** Callers, the same for the same seed: each request goes to the canary with the chance `weight` per cent, errors and times are drawn. */
export class Callers {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seeded(seed)
  }

  /** What becomes of so many requests. */
  call(requests: number, weight: number, of: { readonly stable: Behaviour; readonly canary: Behaviour }) {
    const counted = { stable: nothing(), canary: nothing() }
    for (let i = 0; i < requests; i++) {
      const subset = this.#random() * 100 < weight ? 'canary' : 'stable'
      const { errors, medianMs, spread } = of[subset]
      const count = counted[subset]
      count.requests++
      if (this.#random() < errors) count.errors++
      // Proxies cut milliseconds off.
      const ms = Math.floor(medianMs * Math.exp(spread * this.#normal()))
      const slot = bounds.findIndex((bound) => bound >= ms)
      count.slots[slot < 0 ? bounds.length : slot]!++
    }
    return counted
  }

  /** How many of so many trials are hits: the trials between two of them are drawn. */
  hits(trials: number, rate: number): number {
    let hits = -1
    for (let at = 0; at <= trials; hits++) at += Math.ceil(Math.log(1 - this.#random()) / Math.log1p(-rate)) || 1
    return hits
  }

  /** Box and Muller. */
  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random())
  }
}
