import type { Mapping } from '../../../services/siem/correlation-engine/sigma/index.ts'

/**
 * The log sources of a mapping as a processing pipeline of rsigma (and pySigma): each rule of a log source gets the numbers of its events as a condition,
 * as rsigma's own pipeline for Sysmon does. Channels are left to ours alone: a condition on them becomes what rsigma's index looks rules up by, so that
 * nearly all rules of a channel are candidates for each of its events, and it gets thirty times slower. Fields are not renamed.
 */
export function pipelineOf(mapping: Mapping): string {
  const transformations = mapping.sources.flatMap(({ logsource, events }, at) => {
    const numbers = events[0]?.when.EventID ?? []
    if (numbers.length === 0 || numbers.includes('*')) return []
    return [
      {
        id: `source_${at}`,
        type: 'add_condition',
        conditions: { EventID: numbers },
        rule_conditions: [{ type: 'logsource', ...logsource }],
      },
    ]
  })
  // JSON is YAML.
  return JSON.stringify({ name: `the log sources of ${mapping.name}`, priority: 10, transformations }, null, 1)
}
