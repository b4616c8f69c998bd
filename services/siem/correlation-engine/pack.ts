import { createHash } from 'node:crypto'
import { type CorrelationRule, parseCorrelations } from './correlation/index.ts'
import { compile, loadRules, type Mapping, type RuleSet, type RuleSource } from './sigma/index.ts'

/** Why a document is left out, or a rule was taken out. */
export interface PackProblem {
  readonly file: string
  readonly rule?: string
  readonly reason: string
}

/** Rules as they run: loaded, compiled, and with what could not be. */
export interface Pack {
  /** `versionOf` the sources. */
  readonly version: string
  readonly ruleSet: RuleSet
  readonly correlations: readonly CorrelationRule[]
  /** Indexes of rules that report only through correlations. */
  readonly silenced: ReadonlySet<number>
  readonly problems: readonly PackProblem[]
}

/** Changes with any of the sources. */
export function versionOf(sources: readonly RuleSource[]): string {
  const hash = createHash('sha256')
  for (const { file, text } of sources) hash.update(`${file}\u0000${text}\u0000`)
  return hash.digest('hex').slice(0, 16)
}

/** Compiles rules; what is wrong with one leaves the others alone. `mostEvents`: how many events a window keeps. */
export function makePack(sources: readonly RuleSource[], mapping: Mapping, mostEvents: number): Pack {
  const loaded = loadRules(sources)
  const { correlations, problems, silenced } = parseCorrelations(loaded.correlations, loaded.rules, mostEvents)
  const ruleSet = compile(loaded.rules, { mapping })
  ruleSet.warm()
  return {
    version: versionOf(sources),
    ruleSet,
    correlations,
    silenced,
    problems: [
      ...loaded.problems.map(({ file, document, id, title, reason }) => ({
        file: document > 1 ? `${file}#${document}` : file,
        ...(id === undefined && title === undefined ? {} : { rule: id ?? title! }),
        reason,
      })),
      ...problems,
    ],
  }
}
