import { withoutPlace } from '../../compare/alike.ts'
import type { ResourceChange } from '../../compare/resources.ts'
import type { Report } from '../report.ts'
import { programWords } from '../summary.ts'
import { plural, shortType, shown } from '../values.ts'
import { code, type Level, most, plain } from './text.ts'

const order = ['deleted', 'replaced', 'may-replace', 'added', 'changed'] as const

/** What is lost first. 'ScaledObject ml-inference' → in how many stacks. */
function named(changes: readonly ResourceChange[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  const sorted = order.flatMap((kind) => changes.filter((change) => change.kind === kind))
  for (const { type, name } of sorted) {
    const key = `${shortType(type)} ${withoutPlace(name)}`
    found.set(key, (found.get(key) ?? 0) + 1)
  }
  return found
}

/** What changed in each policy, and what follows from it alone. */
export function policies(report: Report, level: Level): string {
  const { policies, changes } = report
  const programs = programWords(report)
  if (policies.length === 0) return ['### Policies', '', `No policy changed. ${programs ?? ''}`.trim()].join('\n')
  const lines = most(policies, level.rows, 'edits', ({ edits, follows, findings, unknown }) => {
    const said = most(edits, Math.max(3, level.rows), 'edits', ({ keys, before, after }) => {
      const values = shown({ path: keys.join('.'), before, after })
      return `- ${code(keys.join('.'))}: ${code(values.before ?? 'nothing')} → ${code(values.after ?? 'nothing')}`
    })
    const urns = new Set(follows.map(({ stack, urn }) => `${stack} ${urn}`))
    const own = changes.filter(({ stack, urn }) => urns.has(`${stack} ${urn}`))
    const names = most(
      [...named(own)],
      Math.max(3, level.properties),
      'names',
      ([name, stacks]) => `${code(name)}${stacks > 1 ? ` × ${stacks}` : ''}`,
    )
    const follow = unknown
      ? [`  - what follows from it alone cannot be told, for the change does not build without it: ${plain(unknown)}`]
      : [
          own.length === 0
            ? '  - no resource that was there follows from it: only what reads it at run time, and the checks'
            : `  - ${plural(own.length, 'resource follows', 'resources follow')}: ${names.join(', ')}`,
        ]
    const objections =
      findings.length > 0 ? [`  - ${plural(findings.length, 'new finding')}, which would not be there without it`] : []
    return [...said, ...follow, ...objections].join('\n')
  })
  return ['### Policies, and what follows', '', ...lines, ...(programs ? ['', programs] : [])].join('\n')
}
