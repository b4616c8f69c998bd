import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readArchive } from '../archive.ts'
import type { RuleSource } from '../load.ts'

/** The folder of recorded data that lies beside the checkout (or one folder further up, beside a worktree); undefined where there is none. */
export const recordedData: string | undefined = (() => {
  let folder = dirname(fileURLToPath(new URL('../../../../../', import.meta.url)))
  for (let i = 0; i < 3; i++, folder = dirname(folder)) {
    const data = join(folder, 'shared', 'data')
    if (existsSync(join(data, 'SOURCES.md'))) return data
  }
  if (process.env.CI) throw new Error('In CI the recorded data must lie beside the checkout, in shared/data.')
  return undefined
})()

/** The reason for a test to be left out where the recorded data is not there. */
export const withoutRecorded = recordedData === undefined ? 'the recorded data does not lie beside the checkout' : false

/** All SigmaHQ rules of the recorded archive. */
export const recordedRules = (): RuleSource[] => readArchive(readFileSync(join(recordedData!, 'sigma', 'rules.tar.gz')))

/** A recorded case: the events of a folder, and how many of them at least its rule must match. */
export interface RecordedCase {
  readonly name: string
  readonly rule: string
  readonly least: number
  readonly events: readonly Record<string, unknown>[]
}

/** The recorded cases of SigmaHQ's rules; `info.yml` is read by what it is known to hold. */
export function recordedCases(): RecordedCase[] {
  const base = join(recordedData!, 'sigma', 'regression_data')
  const infos = readdirSync(base, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('info.yml'))
  return infos.map((file) => {
    const info = readFileSync(join(base, file), 'utf8')
    const folder = join(base, dirname(file))
    return {
      name: dirname(file),
      rule: /rule_metadata:\s+- id: ([\w-]+)/.exec(info)![1]!,
      least: Number(/match_count: (\d+)/.exec(info)?.[1] ?? 1),
      events: readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .flatMap((name) => jsonDocuments(readFileSync(join(folder, name), 'utf8'))),
    }
  })
}

/** JSON documents one after the other, each beginning with a brace at the start of a line. */
const jsonDocuments = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split(/\n(?=\{)/)
    .map((document) => JSON.parse(document) as Record<string, unknown>)
