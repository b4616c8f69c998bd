/** Hands each task to the first worker that is free; a worker has one at a time. More workers may join while tasks wait. */
export class Pool<W> {
  readonly #free: W[] = []
  readonly #waiting: ((worker: W) => void)[] = []

  join(worker: W): void {
    const next = this.#waiting.shift()
    if (next) next(worker)
    else this.#free.push(worker)
  }

  async run<T>(task: (worker: W) => Promise<T>): Promise<T> {
    const worker = this.#free.pop() ?? (await new Promise<W>((resolve) => this.#waiting.push(resolve)))
    try {
      return await task(worker)
    } finally {
      this.join(worker)
    }
  }
}
