import type { ChangeKind, ResourceChange } from '../../compare/resources.ts'
import { countKinds, type Report, type StackRow } from '../report.ts'
import { atRisk } from '../summary.ts'
import { plural, shortType, shown } from '../values.ts'
import { code, details, type Level, most, plain, table } from './text.ts'

export const words: Readonly<Record<ChangeKind, string>> = {
  added: 'added',
  changed: 'changed',
  'may-replace': 'changed, may be replaced',
  replaced: 'replaced',
  deleted: 'deleted',
}
const marks: Readonly<Record<ChangeKind, string>> = {
  added: '+',
  changed: '~',
  'may-replace': '~?',
  replaced: '±',
  deleted: '−',
}

/** Replacements and deletions of what keeps data. */
export function risks({ changes }: Report, level: Level): string {
  const risk = atRisk(changes)
  if (risk.length === 0) return ''
  const lines = most(risk, Math.max(10, level.rows), 'resources', ({ stack, type, name, kind, because, protect }) => {
    const why = because.length > 0 ? ` because of ${because.map(code).join(', ')}` : ''
    const held = protect ? ' It is protected: the engine will refuse.' : ''
    return `- **${words[kind]}**: ${shortType(type)} ${code(name)} in ${code(stack)}${why}.${held}`
  })
  return ['### Data at risk', '', ...lines].join('\n')
}

function propertyLines({ properties }: ResourceChange, level: Level): string[] {
  return most(properties, level.properties, 'properties', (change) => {
    const { before, after } = shown(change)
    return [
      ...(before === undefined ? [] : [`- ${change.path}: ${before}`]),
      ...(after === undefined ? [] : [`+ ${change.path}: ${after}`]),
    ].join('\n')
  })
}

function stackDetails({ stack, error }: StackRow, all: readonly ResourceChange[], level: Level): string {
  const own = all.filter((change) => change.stack === stack)
  if (own.length === 0 && !error) return ''
  const order: readonly ChangeKind[] = ['replaced', 'deleted', 'may-replace', 'changed', 'added']
  const sorted = order.flatMap((kind) => own.filter((change) => change.kind === kind))
  const lines = most(sorted, level.resources, 'resources', (change) =>
    [
      `@@ ${marks[change.kind]} ${shortType(change.type)} ${change.name}${change.component ? ' (component)' : ''}: ${words[change.kind]} @@`,
      ...propertyLines(change, level),
    ].join('\n'),
  )
  const body = [
    ...(error ? [`**Not built:** ${plain(error)}`, ''] : []),
    ...(lines.length > 0 ? ['~~~~diff', ...lines, '~~~~'] : []),
  ]
  return details(`<code>${stack}</code>: ${plural(own.length, 'resource')}`, body.join('\n'))
}

/** Every stack: a row of numbers each, then what becomes of each entry. */
export function resources({ stacks, changes }: Report, level: Level): string {
  const touched = stacks.filter(({ counts, error }) => error || Object.values(counts).some((n) => n > 0))
  if (touched.length === 0) return `### Resources\n\nAll ${stacks.length} stacks are the same in both revisions.`
  const rows = touched.map(({ stack, counts, resources, error }) => [
    code(stack),
    ...[counts.added, counts.changed, counts['may-replace'], counts.replaced, counts.deleted].map(String),
    error ? 'not built' : String(resources),
  ])
  const untouched = stacks.length - touched.length
  return [
    '### Resources',
    '',
    table(['stack', 'added', 'changed', 'may be replaced', 'replaced', 'deleted', 'then'], rows, [1, 2, 3, 4, 5, 6]),
    ...(untouched > 0
      ? [
          '',
          `${plural(untouched, 'other stack')} stay${untouched === 1 ? 's' : ''} as ${untouched === 1 ? 'it is' : 'they are'}.`,
        ]
      : []),
    '',
    ...(level.resources > 0
      ? touched.map((row) => stackDetails(row, changes, level))
      : ['What becomes of each one: see the HTML report.']),
  ].join('\n')
}

/** What changed in each policy, and what follows from it alone. */
export function policies({ policies, changes }: Report, level: Level): string {
  if (policies.length === 0) return '### Policies\n\nNo policy changed.'
  const lines = most(policies, level.rows, 'edits', ({ edits, follows, unknown }) => {
    const said = most(edits, Math.max(3, level.rows), 'edits', ({ keys, before, after }) => {
      const values = shown({ path: keys.join('.'), before, after })
      return `- ${code(keys.join('.'))}: ${code(values.before ?? 'nothing')} → ${code(values.after ?? 'nothing')}`
    })
    const urns = new Set(follows.map(({ stack, urn }) => `${stack} ${urn}`))
    const own = changes.filter(({ stack, urn }) => urns.has(`${stack} ${urn}`))
    const follow = unknown
      ? `  - what follows cannot be told alone: ${plain(unknown)}`
      : own.length === 0
        ? '  - no resource follows from it'
        : `  - ${plural(own.length, 'resource follows', 'resources follow')}: ${most([...named(own)], Math.max(3, level.properties), 'names', ([name, where]) => `${code(name)}${where > 1 ? ` × ${where}` : ''}`).join(', ')}`
    return [...said, follow].join('\n')
  })
  return ['### Policies', '', ...lines].join('\n')
}

/** 'ScaledObject ml-inference' → in how many stacks. Names hold their region, which is left out. */
function named(changes: readonly ResourceChange[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const { type, name } of changes) {
    const key = `${shortType(type)} ${name.replaceAll(/(prod|staging)-[a-z]{2}-[a-z]+-\d-?/g, '')}`
    found.set(key, (found.get(key) ?? 0) + 1)
  }
  return found
}

export { countKinds }
