import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A text file of the repository. */
export interface SourceFile {
  /** From the repository's root, with '/'. */
  readonly path: string
  readonly text: string
}

const textual = /\.(ts|mjs|js|json|md|yaml|yml|go|mod|xml|c|h)$|^(Makefile|\.ci\/run|\.gitignore)$/
/** Written by tools, or somebody else's. */
const generated = /(^|\/)(package-lock\.json|pins\.lock\.json|go\.sum|.*\.snapshot)$/

/** The text files of a repository that people write, in order. Links, hidden folders other than `.ci` and packages are left out. */
export function sourceFiles(root: string, folder = ''): SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): SourceFile[] => {
      const path = folder ? `${folder}/${entry.name}` : entry.name
      if (entry.isDirectory()) {
        const hidden = entry.name.startsWith('.') && entry.name !== '.ci'
        return hidden || entry.name === 'node_modules' ? [] : sourceFiles(root, path)
      }
      if (!entry.isFile() || !textual.test(path) || generated.test(path)) return []
      return [{ path, text: readFileSync(join(root, path), 'utf8') }]
    })
}

/** Whether a file is code of ours. */
export const isCode = ({ path }: SourceFile): boolean => /\.(ts|mjs|js)$/.test(path)

/** Whether a file takes part in tests alone: it may use what the product may not. */
export const isTest = ({ path }: SourceFile): boolean =>
  /\.(test|e2e)\.ts$|(^|\/)(test|testing)\//.test(path) && !path.startsWith('docs/')
