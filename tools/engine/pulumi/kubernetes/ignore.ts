import { metadataOf } from './object.ts'
import { at, clone, isObject, type Json, type JsonObject, type Path, parse, put } from './wire.ts'

/**
 * The object to apply when the program ignores changes of some properties. A property that someone else owns in the live
 * object is left out, so that it stays theirs; one that only we own is applied as it is, because a server-side apply
 * that drops it would clear it.
 */
export function withoutIgnored(
  object: JsonObject,
  live: JsonObject,
  ignored: readonly string[],
  manager: string,
): JsonObject {
  const result = clone(object)
  for (const pattern of ignored)
    for (const path of expand(parse(pattern), [object, live]))
      put(result, path, ownedByOthers(live, path, manager) ? undefined : at(live, path))
  return result
}

/** Replaces the wildcards of a path by what the values have there. */
export function expand(pattern: Path, values: readonly Json[]): Path[] {
  const star = pattern.indexOf('*')
  if (star < 0) return [pattern]
  const parent = pattern.slice(0, star)
  const steps = new Set<string | number>()
  for (const value of values) {
    const here = at(value, parent)
    if (Array.isArray(here)) for (const index of here.keys()) steps.add(index)
    else if (isObject(here)) for (const key of Object.keys(here)) steps.add(key)
  }
  return [...steps].flatMap((step) => expand([...parent, step, ...pattern.slice(star + 1)], values))
}

/** Whether another field manager owns the property, or something below it. Items of lists have no stable path: never. */
export function ownedByOthers(live: JsonObject, path: Path, manager: string): boolean {
  const { managedFields } = metadataOf(live)
  if (!Array.isArray(managedFields) || path.some((step) => typeof step === 'number')) return false
  return managedFields.some(
    (entry) =>
      isObject(entry) &&
      entry.manager !== manager &&
      at(
        entry.fieldsV1,
        path.map((step) => `f:${step}`),
      ) !== undefined,
  )
}

/** Whether the field manager has applied the object before. */
export function isOurs(live: JsonObject, manager: string): boolean {
  const { managedFields } = metadataOf(live)
  return (
    Array.isArray(managedFields) &&
    managedFields.some((entry) => isObject(entry) && entry.manager === manager && entry.operation === 'Apply')
  )
}
