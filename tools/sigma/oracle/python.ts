import { fileURLToPath } from 'node:url'
import { pythonWith, run } from '../../python/environment.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Python with the oracle's packages. */
const python = (): Promise<string> => pythonWith('oracle', here('requirements.txt'))

/** A rule as text, and the id by which the answer names it. */
export interface OracleRule {
  readonly id: string
  readonly text: string
}

export interface OracleMatches {
  /** Rule id → indices of events. */
  readonly matched: Readonly<Record<string, readonly number[]>>
  /** Rule id → why the oracle cannot do it. */
  readonly uncompiled: Readonly<Record<string, string>>
}

/**
 * What rules find in events, by the oracle. `sources`: a rule meets the events of its log source alone, by pySigma's pipelines for Windows;
 * else every rule meets every event.
 */
export const oracleMatches = async (
  rules: readonly OracleRule[],
  events: readonly Readonly<Record<string, unknown>>[],
  sources: boolean,
): Promise<OracleMatches> => {
  const request = JSON.stringify({ command: 'match', events, rules, sources })
  return JSON.parse(await run(await python(), [here('oracle.py')], { input: request })) as OracleMatches
}

/** One time at which a correlation's condition holds. */
export interface OracleOccurrence {
  /** Values of text in lower case. */
  readonly group: Readonly<Record<string, unknown>>
  /** Seconds since 1970. */
  readonly end: number
  readonly events: readonly number[]
}

/** Rules, as a file of many documents, and events in a flat form; their time in `timestamp`. */
export interface OracleCase {
  readonly rules: string
  readonly events: readonly Readonly<Record<string, unknown>>[]
}

/** For each case the occurrences of its correlations by title. */
export const oracleOccurrences = async (
  cases: readonly OracleCase[],
): Promise<readonly Readonly<Record<string, readonly OracleOccurrence[]>>[]> => {
  const answer = await run(await python(), [here('oracle.py')], {
    input: JSON.stringify({ command: 'correlate', cases }),
  })
  return (JSON.parse(answer) as { cases: readonly Readonly<Record<string, readonly OracleOccurrence[]>>[] }).cases
}
