import { duration } from './text.ts'

export type State = 'waiting' | 'working' | 'done' | 'failed'

/** One artefact on its way. Times are performance.now() milliseconds; waiting for a turn moves the start. */
export interface Item {
  readonly id: string
  readonly version: string
  state: State
  started: number
  ended: number
  /** Milliseconds that it usually takes. */
  usual: number
  doing: string
}

const marks: Readonly<Record<State, string>> = { waiting: '·', working: '▸', done: '✓', failed: '✗' }

/** 'kubernetes 1.34.4  1 min 15 s of about 4 min 30 s  compiling' */
export function itemText(item: Item, now: number): string {
  const name = `${item.id} ${item.version}`
  if (item.state === 'waiting') return `${name}  waiting ${item.doing}`
  if (item.state !== 'working') return `${name}  ${duration(item.ended - item.started)}  ${item.doing}`
  return `${name}  ${duration(now - item.started)} of about ${duration(item.usual)}  ${item.doing}`
}

/** The updating block of a terminal: one line an artefact, none wider than the terminal. */
export const blockText = (items: readonly Item[], now: number, width: number): string[] =>
  items.map((item) => `  ${marks[item.state]} ${itemText(item, now)}`.slice(0, Math.max(20, width - 1)))

/** One line about everything that is being made, for a display that has only one. */
export function summary(items: readonly Item[], now: number): string {
  const done = items.filter((item) => item.state === 'done').length
  const working = items
    .filter((item) => item.state === 'working' || item.state === 'waiting')
    .map((item) => itemText(item, now))
  return `${done} of ${items.length} ready${working.length ? `; ${working.join('; ')}` : ''}`
}

/** What the display hears. */
export interface Listener {
  /** An artefact that is not in the cache is going to be made. */
  begin(item: Item): void
  /** It is finished or has failed. */
  end(item: Item): void
  /** A sentence to keep. */
  say(text: string): void
}

const logEvery = 15_000
const redrawEvery = 200

/** Shows the way of all artefacts: a block that redraws itself on a terminal, lines in a log. */
export class Display implements Listener {
  readonly #out: NodeJS.WriteStream
  readonly #items: Item[] = []
  readonly #tty: boolean
  #drawn = 0
  #timer: NodeJS.Timeout | undefined

  constructor(out: NodeJS.WriteStream = process.stderr) {
    this.#out = out
    this.#tty = out.isTTY === true
  }

  begin(item: Item): void {
    this.#items.push(item)
    this.#timer ??= setInterval(() => this.#tick(), this.#tty ? redrawEvery : logEvery)
    if (!this.#tty) this.#out.write(`${item.id} ${item.version}: making it, usually ${duration(item.usual)}\n`)
  }

  end(item: Item): void {
    if (this.#tty) this.#draw()
    else
      this.#out.write(
        `${item.id} ${item.version}: ${item.state} after ${duration(item.ended - item.started)}, ${item.doing}\n`,
      )
  }

  say(text: string): void {
    this.#erase()
    this.#out.write(`${text}\n`)
    if (this.#tty) this.#draw()
  }

  close(): void {
    clearInterval(this.#timer)
    if (this.#tty) this.#draw()
    this.#drawn = 0
  }

  #tick(): void {
    const now = performance.now()
    if (this.#tty) this.#draw()
    else
      for (const item of this.#items)
        if (item.state === 'working' || item.state === 'waiting') this.#out.write(`${itemText(item, now)}\n`)
  }

  #erase(): void {
    if (this.#drawn) this.#out.write(`\x1b[${this.#drawn}A\x1b[J`)
    this.#drawn = 0
  }

  #draw(): void {
    const lines = blockText(this.#items, performance.now(), this.#out.columns ?? 100)
    this.#erase()
    if (lines.length) this.#out.write(`${lines.join('\n')}\n`)
    this.#drawn = lines.length
  }
}
