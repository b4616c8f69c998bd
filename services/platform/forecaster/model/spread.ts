/** Steps that the spread at rest looks back on. */
const memory = 120

/** How much less a step that moves tells of the spread at rest. */
const moving = 0.2

/** How much of its weight a step keeps for what moving adds to the spread: moves are rare. */
const keep = 0.9995

/**
 * The least spread that anything is taken to have, as a share of its level: after a series that stood still for hours, the errors that it makes when
 * it moves again count as something, and so the spread finds its way back.
 */
const least = 0.001

/** Steps of noise at once that one step may count as: a jump is no noise. */
const jump = 16

/** The least variance at a level, as a multiple of it. */
const leastFactor = (level: number): number => least * least * level

/**
 * How far forecasts are off, as a root mean square: errors grow with the root of the level, as counts' do, and with how far the series is taken to move
 * until then. Both factors are learned from past errors.
 */
export class Spread {
  #square = 0
  #weight = 0
  #moved = 0
  #moves = 0

  /** Errors learned from; those of the far past count less. */
  get weight(): number {
    return this.#weight
  }

  /** The spread at a level (above 0) when the series is foretold to move by `lead`. */
  at(level: number, lead: number): number {
    return Math.sqrt(Math.max(this.#rest, leastFactor(level)) * level + this.#factor * lead * lead)
  }

  learn(error: number, level: number, lead: number): void {
    const square = error * error
    const share = lead === 0 ? 1 : moving
    const rest = lead === 0 ? square : Math.max(0, square - this.#factor * lead * lead)
    this.#square = this.#square * (1 - share / memory) + (share * rest) / level
    this.#weight = this.#weight * (1 - share / memory) + share
    const relative = lead / level
    this.#moved = this.#moved * keep + relative * relative * (square - this.#rest * level)
    this.#moves = this.#moves * keep + relative * relative * lead * lead
  }

  get #rest(): number {
    return this.#weight === 0 ? 0 : this.#square / this.#weight
  }

  get #factor(): number {
    return this.#moves > 0 ? Math.max(0, this.#moved / this.#moves) : 0
  }
}

/** The variance of a series from step to step, as a multiple of its level: second differences see neither level nor slope. */
export class Noise {
  readonly #last: number[] = []
  #square = 0
  #weight = 0

  /** One value, NaN for a gap, at a level above 0. */
  observe(value: number, level: number): void {
    const [a = Number.NaN, b = Number.NaN] = this.#last
    this.#last.push(value)
    if (this.#last.length > 2) this.#last.shift()
    const second = value - 2 * b + a
    if (!Number.isFinite(second) || !(level > 0)) return
    const most = this.#weight > memory / 4 ? jump * this.at(level) : Number.POSITIVE_INFINITY
    this.#square = this.#square * (1 - 1 / (2 * memory)) + Math.min(most, (second * second) / 6 / level)
    this.#weight = this.#weight * (1 - 1 / (2 * memory)) + 1
  }

  /** The variance at a level, as a multiple of it. */
  at(level: number): number {
    return Math.max(leastFactor(level), this.#weight === 0 ? 0 : this.#square / this.#weight)
  }
}
