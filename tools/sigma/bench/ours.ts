import {
  compile,
  loadRules,
  type Mapping,
  type RuleSource,
} from '../../../services/siem/correlation-engine/sigma/index.ts'

/** CPU seconds of a pass over all events, for each pass. */
export interface Passes {
  /** Matching alone: the events were parsed before. */
  readonly matching: readonly number[]
  /** Parsing each line and matching it. */
  readonly both: readonly number[]
}

export interface Measured extends Passes {
  readonly rules: number
  /** CPU seconds for reading the rules, and for compiling them at the first event of each source. */
  readonly loading: number
  readonly compiling: number
  /** How often each rule matched in one pass, by its id. */
  readonly counts: Readonly<Record<string, number>>
}

/**
 * Our engine over the lines, each a JSON event. Inside the clock stands everything that one event costs: finding its source, reading its fields, matching, sorting the
 * hits; and, being CPU seconds of the process, also what V8 spends on compiling and collecting meanwhile. A pass before the first warms V8 and the programs.
 */
export function measureOurs(
  sources: readonly RuleSource[],
  lines: readonly string[],
  mapping: Mapping,
  passes: number,
): Measured {
  const [loaded, loading] = timed(() => loadRules(sources))
  const set = compile(loaded.rules, { mapping })
  const counts: Record<string, number> = {}
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  const hits: number[] = []
  const [, compiling] = timed(() => {
    for (const event of events) {
      hits.length = 0
      set.match(event, hits)
      for (const hit of hits) counts[set.rules[hit]!.id] = (counts[set.rules[hit]!.id] ?? 0) + 1
    }
  })
  const matching: number[] = []
  const both: number[] = []
  let found = 0
  for (let pass = 0; pass < passes; pass++) {
    matching.push(
      timed(() => {
        for (const event of events) {
          hits.length = 0
          set.match(event, hits)
          found += hits.length
        }
      })[1],
    )
    both.push(
      timed(() => {
        for (const line of lines) {
          hits.length = 0
          set.match(JSON.parse(line), hits)
          found += hits.length
        }
      })[1],
    )
  }
  const each = Object.values(counts).reduce((sum, count) => sum + count, 0)
  if (found !== each * 2 * passes) throw new Error('The passes did not find the same.')
  return { rules: set.rules.length, loading, compiling, matching, both, counts }
}

/** What a function returns, and the CPU seconds of this process meanwhile. */
function timed<T>(work: () => T): [T, number] {
  const before = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(before)
  return [result, (user + system) / 1e6]
}
