import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { defaultCacheRoot } from '../../../infra/local/state.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Runs a program to its end with `input`; what it wrote. Throws with the end of its complaints when it fails. */
async function run(command: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(command, args, { stdio: 'pipe' })
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [output, complaints, status] = await Promise.race([
    Promise.all([text(child.stdout), text(child.stderr), ended]),
    failed,
  ])
  if (status !== 0) throw new Error(`'${command} ${args.join(' ')}' failed (${status}): ${complaints.slice(-2_000)}`)
  return output
}

/** Python with the oracle's packages, made in the cache the first time (half a minute). Needs python3 with venv and pip. */
async function python(): Promise<string> {
  const requirements = here('requirements.txt')
  const mark = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const folder = join(defaultCacheRoot(process.env), 'oracle', mark)
  const binary = join(folder, 'bin', 'python')
  if (existsSync(binary)) return binary
  const fresh = `${folder}.${process.pid}`
  mkdirSync(dirname(folder), { recursive: true })
  try {
    await run('python3', ['-m', 'venv', fresh])
    await run(join(fresh, 'bin', 'python'), [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      requirements,
    ])
    // Somebody else may have been faster: theirs is as good.
    if (!existsSync(folder)) renameSync(fresh, folder)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return binary
}

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
  return JSON.parse(await run(await python(), [here('oracle.py')], request)) as OracleMatches
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
  const answer = await run(await python(), [here('oracle.py')], JSON.stringify({ command: 'correlate', cases }))
  return (JSON.parse(answer) as { cases: readonly Readonly<Record<string, readonly OracleOccurrence[]>>[] }).cases
}
