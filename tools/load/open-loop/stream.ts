import { fill, type Template } from './template.ts'
import { weightedIndex } from './weighted.ts'

/** A canary in a batch: `line` of it, due at `due` (milliseconds since the epoch), made of template `kind` of the canaries. */
export interface Canary {
  readonly line: number
  readonly due: number
  readonly kind: number
}

/** One tenant's events that travel together, as a forwarder sends them. */
export interface OpenBatch {
  readonly tenant: number
  /** Due time of the first event, milliseconds since the epoch. */
  readonly first: number
  readonly body: Buffer
  /** Bytes of `body` in use. */
  length: number
  events: number
  readonly canaries: Canary[]
}

export interface StreamOptions {
  readonly background: readonly Template[]
  readonly canaries: readonly Template[]
  /** One event in so many is a canary; 0: none. */
  readonly canaryEvery: number
  /** Of each tenant. */
  readonly weights: readonly number[]
  readonly hostsPerTenant: number
  /** A batch is complete with so many events, or when its first is so old. */
  readonly batch: { readonly events: number; readonly milliseconds: number }
  readonly random: () => number
}

/** Turns due times into batches by tenant. Buffers of finished batches come back by `recycle`. */
export class EventStream {
  readonly #options: StreamOptions
  readonly #tenant: () => number
  readonly #open: (OpenBatch | undefined)[]
  readonly #spare: Buffer[] = []
  readonly #bodyBytes: number
  #count = 0
  #canary = 0

  constructor(options: StreamOptions) {
    const { background, canaries, canaryEvery, weights, batch, random } = options
    if (background.length === 0) throw new RangeError('There is no event to make background of.')
    if (canaryEvery > 0 && canaries.length === 0) throw new RangeError('There is no event to make canaries of.')
    this.#options = options
    this.#tenant = weightedIndex(weights, random)
    this.#open = weights.map(() => undefined)
    this.#bodyBytes = batch.events * Math.max(...[...background, ...canaries].map(({ bytes }) => bytes.length))
  }

  get canaries(): number {
    return this.#canary
  }

  /** Adds the event due at `due` (milliseconds since the epoch); answers the batch that it completes. */
  add(due: number): OpenBatch | undefined {
    const { background, canaries, canaryEvery, hostsPerTenant, batch, random } = this.#options
    const tenant = this.#tenant()
    let open = this.#open[tenant]
    if (open === undefined) {
      const body = this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#bodyBytes)
      open = { tenant, first: due, body, length: 0, events: 0, canaries: [] }
      this.#open[tenant] = open
    }
    this.#count++
    const isCanary = canaryEvery > 0 && this.#count % canaryEvery === 0
    const kind = isCanary ? this.#canary % canaries.length : Math.floor(random() * background.length)
    if (isCanary) {
      open.canaries.push({ line: open.events, due, kind })
      this.#canary++
    }
    const template = (isCanary ? canaries : background)[kind]!
    const draw = random()
    open.length = fill(template, open.body, open.length, {
      time: due,
      host: Math.floor(draw * hostsPerTenant),
      process: Math.floor(draw * 99_999),
      canary: this.#canary,
    })
    open.events++
    if (open.events < batch.events) return undefined
    this.#open[tenant] = undefined
    return open
  }

  /** Takes the batches whose first event was due before `now` less the batch's time; all of them with `Infinity`. */
  *ripe(now: number): Generator<OpenBatch> {
    const before = now - this.#options.batch.milliseconds
    for (const [tenant, open] of this.#open.entries()) {
      if (open === undefined || open.first > before) continue
      this.#open[tenant] = undefined
      yield open
    }
  }

  /** Gives a finished batch's buffer back. */
  recycle({ body }: OpenBatch): void {
    if (this.#spare.length < 256) this.#spare.push(body)
  }
}
