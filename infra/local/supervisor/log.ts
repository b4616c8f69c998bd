import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'

/** A log file that is turned over at `limit` bytes; the file before it stays as `<path>.1`. A full disk loses lines, never the process. */
export class RotatingLog {
  readonly #path: string
  readonly #limit: number
  #file: number
  #size: number

  constructor(path: string, limit: number) {
    this.#path = path
    this.#limit = limit
    this.#file = openSync(path, 'a', 0o600)
    this.#size = fstatSync(this.#file).size
  }

  write(chunk: Uint8Array | string): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    try {
      if (this.#size > 0 && this.#size + bytes.length > this.#limit) this.#turn()
      writeSync(this.#file, bytes)
      this.#size += bytes.length
    } catch {
      // Nowhere to tell it: the component goes on without its log.
    }
  }

  close(): void {
    closeSync(this.#file)
  }

  #turn(): void {
    closeSync(this.#file)
    renameSync(this.#path, `${this.#path}.1`)
    this.#file = openSync(this.#path, 'a', 0o600)
    this.#size = 0
  }
}
