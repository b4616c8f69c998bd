import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readArchive } from './sigma/archive.ts'
import type { RuleSource } from './sigma/index.ts'

/** What the folder of rules may hold: it is input of customers. */
const most = { files: 20_000, bytes: 64 * 2 ** 20 }

export interface RuleFiles {
  readonly sources: readonly RuleSource[]
  /** Files that could not be read, with why. */
  readonly problems: readonly { readonly file: string; readonly reason: string }[]
}

/**
 * Rules of the packs (archives, tar.gz) and of a mounted folder, sorted by name so that equal files give equal packs. A folder that is not there
 * holds none. Names that begin with a dot are the mount's own.
 */
export async function readRuleFiles(packs: readonly string[], folder: string): Promise<RuleFiles> {
  const sources: RuleSource[] = []
  const problems: { file: string; reason: string }[] = []
  let left = most.bytes
  const take = (file: string, text: string): void => {
    left -= text.length
    if (left < 0 || sources.length >= most.files)
      problems.push({
        file,
        reason: `There are more than ${most.files} files or ${most.bytes} bytes of rules; this one is left out.`,
      })
    else sources.push({ file, text })
  }
  const failed = (file: string, error: unknown): void => {
    problems.push({ file, reason: error instanceof Error ? error.message : String(error) })
  }
  for (const pack of packs) {
    try {
      for (const { file, text } of readArchive(await readFile(pack))) take(file, text)
    } catch (error) {
      failed(pack, error)
    }
  }
  for (const name of await namesIn(folder)) {
    try {
      const path = join(folder, name)
      if ((await stat(path)).size > left) throw new RangeError('It is larger than what is left for rules.')
      take(name, await readFile(path, 'utf8'))
    } catch (error) {
      failed(name, error)
    }
  }
  return { sources, problems }
}

const isRules = (name: string): boolean => /\.ya?ml$/i.test(name) && !name.startsWith('.')

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter(isRules).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
