import { posix } from 'node:path'
import ts from 'typescript'
import { type LintFinding, lineAt } from './finding.ts'
import { isCode, isTest, type SourceFile } from './source.ts'

/** The folders of the top level that hold code, and which others each may import. */
const mayImport = {
  policies: [],
  infra: ['policies'],
  services: ['policies'],
  stacks: ['infra', 'policies'],
  tools: ['infra', 'policies', 'services', 'stacks'],
} as const satisfies Record<string, readonly string[]>

type House = keyof typeof mayImport

/** An end-to-end test stands above what it tests, wherever its file is. */
const houseOf = (path: string): House | undefined => {
  if (path.endsWith('.e2e.ts')) return 'tools'
  const top = path.slice(0, Math.max(0, path.indexOf('/')))
  return Object.hasOwn(mayImport, top) ? (top as House) : undefined
}

/** services/<domain>/<service>, or services/common: what a service may import of `services`, beside itself. */
const roomOf = (path: string): string => {
  const [, domain, service] = path.split('/')
  return domain === 'common' ? 'common' : `${domain}/${service}`
}

/** The exception to "policies imports nobody": the policy pack, which the engine loads. */
const guardrails = 'policies/guardrails/'

/** Packages whose values are taken from one file alone, which mends them. */
const mended: Readonly<Record<string, string>> = { kafkajs: 'services/common/bus/kafka/kafkajs.ts' }

/** Whether the import whose name stands at `at` takes types alone. */
const ofTypes = (text: string, at: number): boolean => /^import type\b/.test(text.slice(text.lastIndexOf('import', at)))

interface Import {
  readonly to: string
  readonly at: number
}

/** What a file names as another file or package: imports of values and types, dynamic imports, and new URL('…', import.meta.url). */
function importsOf({ text }: SourceFile): Import[] {
  const imported = ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName, pos }) => ({ to: fileName, at: pos }))
  const urls = [...text.matchAll(/new URL\(\s*(['"`])(\.[^'"`$]*)\1\s*,\s*import\.meta\.url/g)]
  return [...imported, ...urls.map((match) => ({ to: match[2] as string, at: match.index }))]
}

/** Why `from` must not import `to`, both paths from the root; undefined when it may. */
function refusal(from: string, to: string): string | undefined {
  const [a, b] = [houseOf(from), houseOf(to)]
  if (to.startsWith('..')) return 'leaves the repository'
  if (!a || !b) return undefined
  if (a !== b)
    return (mayImport[a] as readonly string[]).includes(b)
      ? undefined
      : `is in ${b}: ${a} may import ${mayImport[a].length > 0 ? `only ${mayImport[a].join(' and ')}` : 'nobody'}`
  if (a !== 'services') return undefined
  const [own, other] = [roomOf(from), roomOf(to)]
  if (own === other || other === 'common') return undefined
  return `is another service's: what both need belongs into services/common`
}

/** Every import that goes against the house's one direction: stacks → infra → policies ← services, and tools above all. */
export function importFindings(files: readonly SourceFile[]): LintFinding[] {
  const known = new Set(files.map(({ path }) => path))
  return files.filter(isCode).flatMap((file) =>
    importsOf(file).flatMap(({ to, at }): LintFinding[] => {
      const find = (rule: string, message: string) => [{ file: file.path, line: lineAt(file.text, at), rule, message }]
      const by = Object.hasOwn(mended, to) ? mended[to] : undefined
      if (by && by !== file.path && !ofTypes(file.text, at))
        return find('import-mended', `'${to}' is mended in ${by}: take its values from there.`)
      if (!to.startsWith('.')) {
        const free = houseOf(file.path) !== 'policies' || isTest(file) || file.path.startsWith(guardrails)
        return free ? [] : find('import-direction', `'${to}' is a package: policies imports nobody.`)
      }
      const target = posix.join(posix.dirname(file.path), to)
      const why = refusal(file.path, target)
      if (why) return find('import-direction', `'${to}' ${why}.`)
      const test = isTest({ path: target, text: '' })
      if (test && !isTest(file) && !file.path.startsWith('tools/'))
        return find('import-of-test', `'${to}' is part of a test: the product must not need it.`)
      if (/\.(ts|mjs|js)$/.test(target) && !known.has(target))
        return find('import-missing', `'${to}' is not there: name an existing file.`)
      return []
    }),
  )
}
