/** Prints what runs, how long so far and how long it took: one line that rewrites itself on a terminal, plain lines in a log. */
export class Steps {
  readonly #verbose: boolean
  readonly #out: NodeJS.WriteStream
  readonly #start = performance.now()

  constructor(options: { readonly verbose?: boolean; readonly out?: NodeJS.WriteStream } = {}) {
    this.#verbose = options.verbose ?? false
    this.#out = options.out ?? process.stderr
  }

  /** Runs one step. `note` shows what it is doing right now. A failure is printed with the step's name and thrown on. */
  async run<T>(name: string, body: (note: (text: string) => void) => Promise<T>): Promise<T> {
    const start = performance.now()
    const seconds = () => `${((performance.now() - start) / 1_000).toFixed(1)} s`
    const tty = this.#out.isTTY && !this.#verbose
    let doing = ''
    let printed = performance.now()
    const show = () => {
      if (tty) this.#out.write(`\r\x1b[K  ${name}  ${seconds()}  ${doing}`.slice(0, (this.#out.columns ?? 100) + 4))
      else if (performance.now() - printed > 15_000) {
        printed = performance.now()
        this.#out.write(`  ${name}  ${seconds()} so far  ${doing}\n`)
      }
    }
    const note = (text: string) => {
      const line = text.trim().split('\n').at(-1)?.trim() ?? ''
      if (this.#verbose && line) this.#out.write(`  ${name}: ${text.trimEnd()}\n`)
      if (line) doing = line
      show()
    }
    const timer = setInterval(show, tty ? 250 : 1_000)
    try {
      const result = await body(note)
      this.#line(tty, `✓ ${name}  ${seconds()}`)
      return result
    } catch (error) {
      this.#line(tty, `✗ ${name}  ${seconds()}`)
      throw error
    } finally {
      clearInterval(timer)
    }
  }

  /** Seconds since the first step. */
  get elapsed(): number {
    return (performance.now() - this.#start) / 1_000
  }

  #line(tty: boolean, text: string): void {
    this.#out.write(`${tty ? '\r\x1b[K' : ''}${text}\n`)
  }
}
