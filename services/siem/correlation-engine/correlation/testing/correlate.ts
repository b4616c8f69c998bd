import { load } from 'js-yaml'
import { Correlator } from '../correlator.ts'
import type { Detection } from '../detection.ts'
import type { CorrelatorLimits, CorrelatorOptions } from '../options.ts'
import { parseCorrelations } from '../parse.ts'
import type { CorrelationRule } from '../rule.ts'

/** Correlations as people write them, over rules named a, b, c. Throws when one is bad. */
export function correlationsOf(...sections: readonly string[]): readonly CorrelationRule[] {
  const documents = sections.map((text, at) => {
    const { name, ...correlation } = load(text) as Record<string, unknown>
    return { file: 'test', document: at + 1, content: { title: `c${at}`, ...(name ? { name } : {}), correlation } }
  })
  const { correlations, problems } = parseCorrelations(documents, [{ id: 'a' }, { id: 'b' }, { id: 'c' }], 1_000)
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return correlations
}

export const roomy: CorrelatorLimits = {
  groups: 1_000,
  eventsPerGroup: 1_000,
  eventsPerTenant: 10_000,
  evidence: 100,
  chained: 100,
}

/** A correlator that is fed in short: seconds for times, and an id for each event. */
export class Feed {
  readonly correlator: Correlator
  readonly found: Detection[] = []
  #events = 0

  constructor(rules: readonly CorrelationRule[], options: Partial<CorrelatorOptions> = {}) {
    this.correlator = new Correlator(rules, {
      limits: roomy,
      lateness: 10_000,
      step: 1_000,
      idle: 3_600_000,
      eager: true,
      ...options,
    })
  }

  /** An event of rule a, b or c; its id is "e" and a number counting from 0, if none is given. What is found by it. */
  event(
    rule: 'a' | 'b' | 'c',
    seconds: number,
    fields: Readonly<Record<string, unknown>> = {},
    tenant = 't',
  ): readonly Detection[] {
    const ref = `e${this.#events++}`
    const time = Math.round(seconds * 1_000)
    const found = this.correlator.observe({
      rule: 'abc'.indexOf(rule),
      tenant,
      time,
      ref,
      field: (name) => fields[name],
    })
    this.found.push(...found)
    return found
  }

  advance(seconds: number): readonly Detection[] {
    const found = this.correlator.advance(seconds * 1_000)
    this.found.push(...found)
    return found
  }
}

/** A detection in short: [rule, group values…, start in s, end in s, events…]. */
export const brief = ({ rule, group, start, end, events }: Detection): unknown[] => [
  rule.title,
  ...Object.values(group),
  start / 1_000,
  end / 1_000,
  ...events,
]
