import { timespanOf } from '../../../services/siem/correlation-engine/correlation/timespan.ts'
import { valueKey } from '../../../services/siem/correlation-engine/correlation/values.ts'
import { any, loadRules } from '../../../services/siem/correlation-engine/sigma/index.ts'
import { Findings } from '../findings.ts'
import { type OracleOccurrence, oracleOccurrences } from './python.ts'
import { stream } from './streams.ts'

/** A seed's stream over which the engines differ. */
export interface StreamDifference {
  readonly seed: number
  readonly correlation: string
  readonly ours: readonly string[]
  readonly oracle: readonly string[]
}

export interface StreamComparison {
  readonly correlations: number
  readonly detections: number
  /** Of what types, with how many detections; `not`: of those whose condition says so, whatever their type. */
  readonly types: Readonly<Record<string, number>>
  readonly differences: readonly StreamDifference[]
}

const shape = (group: Readonly<Record<string, unknown>>, events: readonly number[]): string =>
  JSON.stringify([Object.values(group).map((value) => valueKey(value as string)), [...events].sort((a, b) => a - b)])

/** What our suppression leaves of the oracle's occurrences, which has none: docs/correlations.md, "One detection for a timespan". */
function reported(occurrences: readonly OracleOccurrence[], timespan: number): OracleOccurrence[] {
  const last = new Map<string, number>()
  return [...occurrences]
    .sort((a, b) => a.end - b.end)
    .filter(({ group, end }) => {
      const key = JSON.stringify(group)
      const time = Math.round(end * 1_000)
      if (time <= (last.get(key) ?? Number.NEGATIVE_INFINITY) + timespan) return false
      last.set(key, time)
      return true
    })
}

/** Holds our correlations to the oracle over generated streams: the same detections, of the same groups, with the same events. */
export async function compareStreams(seeds: readonly number[]): Promise<StreamComparison> {
  const cases = seeds.map(stream)
  const answers = await oracleOccurrences(cases)
  const differences: StreamDifference[] = []
  const types: Record<string, number> = {}
  let [correlations, detections] = [0, 0]
  for (const [at, { rules, events }] of cases.entries()) {
    const loaded = loadRules([{ file: 'stream', text: rules }])
    const findings = new Findings(loaded, { mapping: any })
    if (findings.problems.length > 0) throw new Error(`Seed ${seeds[at]}: ${findings.problems[0]?.reason}`)
    for (const event of events) findings.take(event)
    const ours = Map.groupBy(findings.correlations(), ({ rule }) => rule)
    for (const { content } of loaded.correlations) {
      const title = content.title as string
      const { type, timespan, condition } = content.correlation as Record<'type' | 'timespan', string> & {
        condition?: unknown
      }
      const own = (ours.get(title) ?? []).map((one) => ('group' in one ? shape(one.group, one.events) : '')).sort()
      const theirs = reported(answers[at]?.[title] ?? [], timespanOf(timespan) as number)
        .map((one) => shape(one.group, one.events))
        .sort()
      correlations++
      detections += own.length
      const kinds = typeof condition === 'string' && /\bnot\b/.test(condition) ? [type, 'not'] : [type]
      for (const kind of kinds) types[kind] = (types[kind] ?? 0) + own.length
      if (JSON.stringify(own) !== JSON.stringify(theirs))
        differences.push({
          seed: seeds[at] as number,
          correlation: JSON.stringify(content.correlation),
          ours: own,
          oracle: theirs,
        })
    }
  }
  return { correlations, detections, types, differences }
}
