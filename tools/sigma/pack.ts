import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { header, padding, trailer } from '../../infra/local/images/tar.ts'
import {
  type DetectionRule,
  loadRules,
  type RuleSource,
  readArchive,
} from '../../services/siem/correlation-engine/sigma/index.ts'

/** How many rules the product carries. */
export const packed = 300

/** The file of the rules that the product carries; their licence stands beside it. */
export const pack = fileURLToPath(
  new URL('../../services/siem/correlation-engine/rules/sigmahq.tar.gz', import.meta.url),
)

/**
 * `count` rules of an archive for a product to begin with: of those that their authors call tested or stable and rate high or critical, a share of
 * each log source as large as its share of all; within a log source by id, which says nothing about the rule. Equal archives give equal choices.
 */
export function choose(rules: readonly DetectionRule[], count: number): DetectionRule[] {
  const groups = new Map<string, DetectionRule[]>()
  for (const rule of rules) {
    if ((rule.status !== 'test' && rule.status !== 'stable') || (rule.level !== 'high' && rule.level !== 'critical'))
      continue
    if (rule.author === undefined) continue
    const { category, product, service } = rule.logsource
    const key = [product, category, service].join('/')
    groups.set(key, [...(groups.get(key) ?? []), rule])
  }
  const all = [...groups.values()].flatMap((group) =>
    group
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      // The nth of a group stands where n of its members are a fair share: taking the first of all shares out `count` among the groups.
      .map((rule, n) => ({ rule, share: (n + 0.5) / group.length })),
  )
  return all
    .sort((a, b) => a.share - b.share || (a.rule.id < b.rule.id ? -1 : 1))
    .slice(0, count)
    .map(({ rule }) => rule)
    .sort((a, b) => (a.file < b.file ? -1 : 1))
}

/** The files as a tar archive, gzip; equal files give equal bytes. */
export function archive(files: readonly RuleSource[]): Buffer {
  const parts = files.flatMap(({ file, text }) => {
    const content = Buffer.from(text)
    const entry = { path: file, type: 'file', mode: 0o644, uid: 0, gid: 0, size: content.length } as const
    return [header(entry), content, padding(content.length)]
  })
  return gzipSync(Buffer.concat([...parts, trailer()]), { level: 9 })
}

if (import.meta.main) {
  const [path] = process.argv.slice(2)
  if (path === undefined) {
    console.error('Usage: node tools/sigma/pack.ts RULES.tar.gz  (an archive of the SigmaHQ rules)')
    process.exit(2)
  }
  const bytes = readFileSync(path)
  const sources = new Map(readArchive(bytes).map((source) => [source.file, source]))
  const { rules } = loadRules(sources.values())
  const chosen = choose(rules, packed)
  writeFileSync(pack, archive(chosen.map(({ file }) => sources.get(file)!)))
  console.log(`${chosen.length} of ${rules.length} rules stand in ${pack}.`)
}
