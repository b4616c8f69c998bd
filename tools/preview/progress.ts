import { duration } from '../engine/text.ts'

const quietFor = 2_000
const every = 5_000

/** Says on stderr what takes longer than two seconds: one line that rewrites itself on a terminal, a line now and then in a log. */
export class Progress {
  readonly #out: NodeJS.WriteStream
  readonly #began = performance.now()
  readonly #doing = new Map<string, string>()
  readonly #timer: NodeJS.Timeout
  #drawn = false
  #last = 0

  constructor(out: NodeJS.WriteStream = process.stderr) {
    this.#out = out
    this.#timer = setInterval(() => this.#tick(), 200)
    this.#timer.unref()
  }

  tell(who: string, doing: string): void {
    if (who === 'both') this.#doing.clear()
    this.#doing.set(who, doing)
  }

  #tick(): void {
    const now = performance.now()
    if (now - this.#began < quietFor || this.#doing.size === 0) return
    const text = [...this.#doing].map(([who, doing]) => (who === 'both' ? doing : `${who}: ${doing}`)).join('; ')
    if (this.#out.isTTY) {
      this.#out.write(`\r\x1b[K${`${duration(now - this.#began)}  ${text}`.slice(0, (this.#out.columns ?? 80) - 1)}`)
      this.#drawn = true
    } else if (now - this.#last > every) {
      this.#last = now
      this.#out.write(`${duration(now - this.#began)}  ${text}\n`)
    }
  }

  close(): void {
    clearInterval(this.#timer)
    if (this.#drawn) this.#out.write('\r\x1b[K')
  }
}
