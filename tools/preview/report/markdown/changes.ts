import { alike } from '../../compare/alike.ts'
import type { ChangeKind, ResourceChange } from '../../compare/resources.ts'
import type { Report } from '../report.ts'
import { atRisk } from '../summary.ts'
import { plural, shortType, shown } from '../values.ts'
import { code, details, type Level, most, plain, table } from './text.ts'

const words: Readonly<Record<ChangeKind, string>> = {
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
const order: readonly ChangeKind[] = ['replaced', 'deleted', 'may-replace', 'changed', 'added']

/** Replacements and deletions of what keeps data. */
export function risks({ changes }: Report, level: Level): string {
  const risk = atRisk(changes)
  if (risk.length === 0) return ''
  const lines = most(
    risk,
    Math.max(10, level.rows),
    'resources',
    ({ stack, type, name, kind, because, protect, carries }) => {
      const why = because.length > 0 ? ` because of ${because.map(code).join(', ')}` : ''
      const held = protect ? ' It is protected: the engine will refuse.' : ''
      const more =
        carries.length > 0 ? ` With it goes what stands on it: ${most(carries, 12, 'resources', code).join(', ')}.` : ''
      return `- **${words[kind]}**: ${shortType(type)} ${code(name)} in ${code(stack)}${why}.${held}${more}`
    },
  )
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

function stackDetails(
  stack: string,
  own: readonly ResourceChange[],
  known: ReadonlyMap<ResourceChange, string>,
  level: Level,
): string {
  const sorted = order.flatMap((kind) => own.filter((change) => change.kind === kind))
  const lines = most(sorted, level.resources, 'resources', (change) => {
    const like = known.get(change)
    const what = `${shortType(change.type)} ${change.name}${change.component ? ' (component)' : ''}`
    const head = `@@ ${marks[change.kind]} ${what}: ${words[change.kind]}${like ? ` as in ${like}` : ''} @@`
    return like ? head : [head, ...propertyLines(change, level)].join('\n')
  })
  return details(`<code>${stack}</code>: ${plural(own.length, 'resource')}`, ['~~~~diff', ...lines, '~~~~'].join('\n'))
}

/** Every stack: a row of numbers each, then what becomes of each entry. */
export function resources({ stacks, changes }: Report, level: Level): string {
  const failed = stacks.flatMap(({ stack, error }) => (error ? { stack, error } : []))
  const touched = stacks.filter(({ counts }) => Object.values(counts).some((n) => n > 0))
  const rest = stacks.length - touched.length - failed.length
  const rows = touched.map(({ stack, counts, resources }) => [
    code(stack),
    ...[counts.added, counts.changed, counts['may-replace'], counts.replaced, counts.deleted].map(String),
    String(resources),
  ])
  const known = alike(changes)
  const parts = [
    '### Resources',
    ...(rows.length > 0
      ? [
          table(
            ['stack', 'added', 'changed', 'may be replaced', 'replaced', 'deleted', 'then'],
            rows,
            [1, 2, 3, 4, 5, 6],
          ),
        ]
      : []),
    ...(rest > 0 ? [`${plural(rest, touched.length > 0 ? 'other stack' : 'stack')}: no change.`] : []),
    ...(failed.length > 0
      ? [
          details(
            `Not compared: ${plural(failed.length, 'stack')}`,
            most(
              failed,
              Math.max(16, level.rows),
              'stacks',
              ({ stack, error }) => `- ${code(stack)}: ${plain(error)}`,
            ).join('\n'),
          ),
        ]
      : []),
    ...(level.resources > 0
      ? touched.map(({ stack }) =>
          stackDetails(
            stack,
            changes.filter((change) => change.stack === stack),
            known,
            level,
          ),
        )
      : ['What becomes of each one: see the HTML report.']),
  ]
  return parts.join('\n\n')
}
