import {
  any,
  compile,
  type DetectionRule,
  loadRules,
  type RuleSource,
  windows,
} from '../../../services/siem/correlation-engine/sigma/index.ts'
import { type OracleRule, oracleMatches } from './python.ts'

type Event = Readonly<Record<string, unknown>>

/** A rule over which the engines differ. */
export interface Difference {
  readonly id: string
  readonly title: string
  readonly file: string
  /** Indices of events that only one of them finds. */
  readonly onlyOurs: readonly number[]
  readonly onlyOracle: readonly number[]
  /** The class of the difference in docs/sigma-oracle.md; undefined for one that nobody has explained. */
  readonly because: string | undefined
}

export interface Comparison {
  readonly compared: number
  /** Rules of those that find anything, and how much, by our engine. */
  readonly finding: number
  readonly findings: number
  readonly differences: readonly Difference[]
  /** Rules that one of the two cannot do, with the reason. */
  readonly uncompiled: Readonly<Record<string, string>>
  readonly ours: readonly string[]
}

/** Classes of difference that follow from the rule alone. @see docs/sigma-oracle.md */
function explained({ logsource }: DetectionRule, onlyOurs: number, onlyOracle: number): string | undefined {
  const { product, category, service } = logsource
  // pySigma's pipelines know no names of fields of Microsoft Defender's events.
  if ((service === 'windefend' || category === 'antivirus') && onlyOracle === 0) return 'names of Defender'
  // They say what a Windows log source is, and nothing of others: rules of those meet every event there.
  if (product !== 'windows' && onlyOurs === 0) return 'other product'
  return undefined
}

/**
 * Holds our engine to the oracle, rule by rule, over the same events: each rule over those of its log source, or (`any`) every rule over all.
 * Files of several rules are left out.
 */
export async function compareMatches(
  sources: readonly RuleSource[],
  events: readonly Event[],
  mapping: 'windows' | 'any',
): Promise<Comparison> {
  const loaded = loadRules(sources)
  const texts = new Map(sources.map(({ file, text }) => [file, text]))
  const alone = Map.groupBy(loaded.rules, ({ file }) => file)
  const rules = loaded.rules.filter(({ file }) => alone.get(file)?.length === 1)
  const wanted = rules.map(({ id, file }): OracleRule => ({ id, text: texts.get(file) as string }))
  const { matched, uncompiled } = await oracleMatches(wanted, events, mapping === 'windows')
  const set = compile(rules, { mapping: mapping === 'windows' ? windows : any })
  const ours = new Map<number, number[]>()
  const hits: number[] = []
  for (const [index, event] of events.entries()) {
    hits.length = 0
    set.match(event, hits)
    for (const hit of hits) ours.set(hit, [...(ours.get(hit) ?? []), index])
  }
  const differences: Difference[] = []
  let [compared, finding, findings] = [0, 0, 0]
  for (const [at, rule] of rules.entries()) {
    const theirs = matched[rule.id]
    if (!theirs) continue
    compared++
    const own = ours.get(at) ?? []
    if (own.length > 0) finding++
    findings += own.length
    const [a, b] = [new Set(own), new Set(theirs)]
    const onlyOurs = own.filter((index) => !b.has(index))
    const onlyOracle = theirs.filter((index) => !a.has(index))
    if (onlyOurs.length + onlyOracle.length > 0)
      differences.push({
        id: rule.id,
        title: rule.title,
        file: rule.file,
        onlyOurs,
        onlyOracle,
        because: mapping === 'windows' ? explained(rule, onlyOurs.length, onlyOracle.length) : undefined,
      })
  }
  return {
    compared,
    finding,
    findings,
    differences,
    uncompiled,
    ours: loaded.problems.map(({ file, reason }) => `${file}: ${reason}`),
  }
}
