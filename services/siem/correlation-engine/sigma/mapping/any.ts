import type { Mapping } from './mapping.ts'

/** No knowledge of log sources: every rule meets every event, and its conditions on fields alone decide. Fields stand at the top or in maps by dots. */
export const any: Mapping = {
  name: 'any',
  shapes: [{ name: 'as sent', at: [], containers: [[]], aliases: {} }],
  sources: [],
  unknown: 'any',
}
