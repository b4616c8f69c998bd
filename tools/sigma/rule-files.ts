import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type RuleSource, readArchive } from '../../services/siem/correlation-engine/sigma/index.ts'

const archive = /\.(?:tar|tar\.gz|tgz)$/i

/**
 * The rule files at a path: an archive's (*.tar, *.tar.gz, *.tgz), a folder's (*.yml and *.yaml, in all folders in it, sorted by path), or
 * the one file. Throws when the path cannot be read.
 */
export async function ruleFiles(path: string): Promise<RuleSource[]> {
  if ((await stat(path)).isDirectory()) {
    const entries = await readdir(path, { recursive: true, withFileTypes: true })
    const names = entries
      .filter((entry) => !entry.isDirectory() && /\.ya?ml$/i.test(entry.name))
      .map((entry) => relative(path, join(entry.parentPath, entry.name)))
      .sort((a, b) => (a < b ? -1 : 1))
    return Promise.all(names.map(async (file) => ({ file, text: await readFile(join(path, file), 'utf8') })))
  }
  if (archive.test(path)) return readArchive(await readFile(path))
  return [{ file: path, text: await readFile(path, 'utf8') }]
}
