import type { ResourceChange } from './resources.ts'

/** The words in which two stacks of the same kind differ by nature: their environment, their region, its zones. */
const place = /\b(prod|staging)\b|\b[a-z]{2}-[a-z]+-\d[a-z]?\b/g

const signature = ({ kind, type, name, properties }: ResourceChange): string =>
  JSON.stringify([kind, type, name, properties.map(({ path, before, after }) => [path, before, after])]).replaceAll(
    place,
    '',
  )

/** Changes that another stack has too, but for the names of environment and region, and the first stack that has them. */
export function alike(changes: readonly ResourceChange[]): ReadonlyMap<ResourceChange, string> {
  const first = new Map<string, string>()
  const found = new Map<ResourceChange, string>()
  for (const change of changes) {
    const key = signature(change)
    const stack = first.get(key)
    if (stack === undefined) first.set(key, change.stack)
    else if (stack !== change.stack) found.set(change, stack)
  }
  return found
}

/** 'ScaledObject ml-inference' without environment and region. */
export const withoutPlace = (name: string): string => name.replaceAll(/\b(prod|staging)-(?:[a-z]{2}-[a-z]+-\d-?)?/g, '')
