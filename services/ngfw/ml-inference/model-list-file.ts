import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { type ModelEntry, ModelListError, parseModelList } from '../../common/inference/model-list.ts'
import type { Log } from '../../common/log/log.ts'

/** The mounted model list, which may change while we run. */
export class ModelListFile {
  readonly #file: string
  readonly #log: Log
  readonly #changed: (entries: readonly ModelEntry[]) => void
  #text = ''

  /** `changed` is called now, and whenever another good list lies there. Throws ModelListError when there is none now. */
  constructor(file: string, log: Log, changed: (entries: readonly ModelEntry[]) => void, pollMs = 1_000) {
    this.#file = file
    this.#log = log
    this.#changed = changed
    this.#load()
    watchFile(file, { interval: pollMs, persistent: false }, () => this.reload())
  }

  /** Reads the file again now. A list that cannot be used leaves the one before in force. */
  reload(): void {
    try {
      this.#load()
    } catch (error) {
      this.#log.error('The changed model list cannot be used; the one before stays.', { error })
    }
  }

  close(): void {
    unwatchFile(this.#file)
  }

  #load(): void {
    let text: string
    try {
      text = readFileSync(this.#file, 'utf8')
    } catch (cause) {
      throw new ModelListError([`${this.#file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`], { cause })
    }
    if (text === this.#text) return
    const entries = parseModelList(text)
    this.#text = text
    this.#log.info('The model list was read.', { models: entries.length })
    this.#changed(entries)
  }
}
