/** A load trace: the rate of requests in each minute, per second. NaN: nobody recorded that minute. */
export interface Trace {
  readonly perSecond: Float64Array
}

/** A trace as a service's metrics see it: a constant rate within each minute. */
export class Load {
  readonly perSecond: Float64Array
  /** Requests, and seconds that were recorded, before each minute. */
  readonly #requests: Float64Array
  readonly #recorded: Float64Array

  constructor({ perSecond }: Trace) {
    this.perSecond = perSecond
    this.#requests = new Float64Array(perSecond.length + 1)
    this.#recorded = new Float64Array(perSecond.length + 1)
    for (let minute = 0; minute < perSecond.length; minute++) {
      const rate = perSecond[minute] as number
      const known = !Number.isNaN(rate)
      this.#requests[minute + 1] = (this.#requests[minute] as number) + (known ? rate * 60 : 0)
      this.#recorded[minute + 1] = (this.#recorded[minute] as number) + (known ? 60 : 0)
    }
  }

  /** Requests in all. */
  get requests(): number {
    return this.#requests.at(-1) ?? 0
  }

  /** The mean rate of the seconds [from, to) that were recorded; none was: undefined. */
  mean(from: number, to: number): number | undefined {
    const seconds = until(this.#recorded, to) - until(this.#recorded, from)
    return seconds > 0 ? (until(this.#requests, to) - until(this.#requests, from)) / seconds : undefined
  }

  /** The highest rate of any moment in the seconds [from, to); none was recorded: undefined. */
  highest(from: number, to: number): number | undefined {
    let highest: number | undefined
    const end = Math.min(Math.ceil(to / 60), this.perSecond.length)
    for (let minute = Math.max(0, Math.floor(from / 60)); minute < end; minute++) {
      const rate = this.perSecond[minute] as number
      if (!Number.isNaN(rate)) highest = Math.max(highest ?? 0, rate)
    }
    return highest
  }
}

/** The sum before a second, from the sums before each minute. */
function until(sums: Float64Array, second: number): number {
  const at = Math.min(Math.max(0, second / 60), sums.length - 1)
  const minute = Math.floor(at)
  const sum = sums[minute] as number
  return minute === at ? sum : sum + (at - minute) * ((sums[minute + 1] as number) - sum)
}

/** The rate of the busiest minute. */
export function peakOf({ perSecond }: Trace): number {
  let highest = 0
  for (const rate of perSecond) if (rate > highest) highest = rate
  return highest
}

/** The same trace, scaled so that its busiest minute has that rate. A trace without a request stays as it is. */
export function scaledTo(peak: number, trace: Trace): Trace {
  const highest = peakOf(trace)
  return { perSecond: highest > 0 ? trace.perSecond.map((rate) => (rate * peak) / highest) : trace.perSecond }
}
