import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { defaultCacheRoot } from '../../../local/region.ts'

/** Where promtool is on this machine; undefined: nowhere, 'make up' brings it. */
export const foundPromtool = (): string | undefined =>
  [
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'promtool')),
    join(defaultCacheRoot(), 'artefacts', 'prometheus-*', 'usr', 'bin', 'promtool'),
  ].flatMap((pattern) => globSync(pattern))[0]

/** Runs promtool in a folder with these files. Throws with what it says. */
export function runPromtool(promtool: string, files: Readonly<Record<string, string>>, ...args: string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'nd-rules-'))
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    const { status, stdout, stderr, error } = spawnSync(promtool, args, {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 64 * 2 ** 20,
    })
    if (error) throw error
    if (status !== 0) throw new Error(`promtool ${args.join(' ')} ended with ${status}.\n${stdout}${stderr}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
