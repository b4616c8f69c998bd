import { begins, isObject, type Json, type JsonObject, type Path } from './wire.ts'

export interface Change {
  readonly path: Path
  readonly kind: 'add' | 'delete' | 'update'
}

/** The smallest properties in which two values differ. Lists of the same length are compared item by item. */
export function changes(before: Json | undefined, after: Json | undefined, path: Path = []): Change[] {
  if (before === undefined && after === undefined) return []
  if (before === undefined) return [{ path, kind: 'add' }]
  if (after === undefined) return [{ path, kind: 'delete' }]
  if (Array.isArray(before) && Array.isArray(after))
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) =>
      changes(before[index], after[index], [...path, index]),
    ).flat()
  if (isObject(before) && isObject(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      changes(before[key], after[key], [...path, key]),
    )
  return before === after ? [] : [{ path, kind: 'update' }]
}

/** Fields that the server writes on its own: they tell nothing about what the program wants. */
const bookkeeping: readonly Path[] = [
  ['status'],
  ['metadata', 'managedFields'],
  ['metadata', 'resourceVersion'],
  ['metadata', 'generation'],
  ['metadata', 'uid'],
  ['metadata', 'creationTimestamp'],
  ['metadata', 'deletionTimestamp'],
  ['metadata', 'deletionGracePeriodSeconds'],
  ['metadata', 'selfLink'],
]

/** What an apply would change in the cluster: the live object against the answer of its dry run. */
export const effect = (live: JsonObject, dryRun: JsonObject): Change[] =>
  changes(live, dryRun).filter(({ path }) => !bookkeeping.some((field) => begins(path, field)))
