import type { Change, Summary } from '../engine/pulumi/project.ts'

const words: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'changed',
  replace: 'replaced',
  delete: 'deleted',
  import: 'taken in',
  same: 'as they were',
}

/** `12 created, 1 changed, 80 as they were` */
export function counted(summary: Summary): string {
  const parts = Object.entries(words).flatMap(([operation, word]) =>
    summary[operation] ? [`${summary[operation]} ${word}`] : [],
  )
  return parts.length > 0 ? parts.join(', ') : 'nothing to do'
}

/** `'a', 'b' and 'c'` */
export function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`)
  return quoted.length > 1 ? `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}` : (quoted[0] ?? '')
}

/** How many resources, and the first of them by name. */
export function countedChanges(changes: readonly Change[], shown = 5): string {
  const first = changes.slice(0, shown).map(({ operation, type, name }) => `${operation} ${type} ${name}`)
  const rest = changes.length > shown ? `, and ${changes.length - shown} more` : ''
  return `${changes.length} resource${changes.length === 1 ? '' : 's'} (${first.join(', ')}${rest})`
}
