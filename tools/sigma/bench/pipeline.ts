import type { Mapping } from '../../../services/siem/correlation-engine/sigma/index.ts'

/**
 * A mapping as a processing pipeline of rsigma (and pySigma): each rule of a log source gets the conditions on fields by which our mapping tells its events.
 * Of a log source with several kinds of events only the first is taken, which is less work than ours; fields are not renamed.
 */
export function pipelineOf(mapping: Mapping): string {
  const transformations = mapping.sources.flatMap(({ logsource, events }, at) => {
    const conditions = Object.fromEntries(
      Object.entries(events[0]?.when ?? {}).filter(([, values]) => !values.includes('*')),
    )
    if (Object.keys(conditions).length === 0) return []
    return [
      {
        id: `source_${at}`,
        type: 'add_condition',
        conditions,
        rule_conditions: [{ type: 'logsource', ...logsource }],
      },
    ]
  })
  // JSON is YAML.
  return JSON.stringify({ name: `the log sources of ${mapping.name}`, priority: 10, transformations }, null, 1)
}
