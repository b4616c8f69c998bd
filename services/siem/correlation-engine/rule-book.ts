import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../../common/log/log.ts'
import { makePack, type Pack, versionOf } from './pack.ts'
import { readRuleFiles } from './rule-files.ts'
import type { Mapping } from './sigma/index.ts'

export interface RuleBookOptions {
  /** Archives of rules. */
  readonly packs: readonly string[]
  /** The mounted folder of the operator's rules, *.yml. */
  readonly folder: string
  readonly mapping: Mapping
  /** How many events a window keeps. */
  readonly mostEvents: number
  /** How often the files are looked at, milliseconds. */
  readonly pollMs: number
  readonly log: Log
  readonly reloaded: (result: 'done' | 'failed') => void
}

/** The rules in force, out of files that may change while we run. A change takes effect as a whole, between two records. */
export class RuleBook {
  readonly #options: RuleBookOptions
  readonly #ended = new AbortController()
  readonly #listeners = new Set<(pack: Pack) => void>()
  #current: Pack | undefined
  /** What the current rules were made of. */
  #read = ''
  #watching: Promise<void> = Promise.resolve()

  constructor(options: RuleBookOptions) {
    this.#options = options
  }

  /** Loads the rules, and again whenever they change until `close`. Throws when the files cannot be read at all. */
  async start(): Promise<Pack> {
    const pack = await this.#load()
    this.#watching = this.#watch()
    return pack
  }

  get current(): Pack | undefined {
    return this.#current
  }

  onChange(listener: (pack: Pack) => void): void {
    this.#listeners.add(listener)
  }

  /** Looks at the files now. Whether they had changed. */
  async reload(): Promise<boolean> {
    const before = this.#current
    return (await this.#load()) !== before
  }

  async close(): Promise<void> {
    this.#ended.abort()
    await this.#watching
  }

  async #load(): Promise<Pack> {
    const { packs, folder, mapping, mostEvents, log, reloaded } = this.#options
    const files = await readRuleFiles(packs, folder)
    const read = `${versionOf(files.sources)} ${files.problems.map(({ file }) => file).join()}`
    if (this.#current && read === this.#read) return this.#current
    const pack = makePack(files.sources, mapping, mostEvents)
    const whole: Pack = { ...pack, problems: [...files.problems, ...pack.problems] }
    this.#read = read
    this.#current = whole
    for (const listener of this.#listeners) listener(whole)
    reloaded('done')
    const { ruleSet, correlations, problems, version } = whole
    log.info('Rules are in force.', { version, rules: ruleSet.rules.length, correlations: correlations.length })
    for (const { file, rule, reason } of problems.slice(0, 50))
      log.warn('A rule is left out.', { file, rule, reason, problems: problems.length })
    return whole
  }

  async #watch(): Promise<void> {
    const { pollMs, log, reloaded } = this.#options
    const { signal } = this.#ended
    while (!signal.aborted) {
      await delay(pollMs, undefined, { signal, ref: false }).catch(() => {})
      if (signal.aborted) return
      try {
        await this.#load()
      } catch (error) {
        reloaded('failed')
        log.error('The rules could not be read; those before stay.', { error })
      }
    }
  }
}
